"""Texts of records, which may hold anything, in a form for people and databases."""

from __future__ import annotations

from typing import Final

MAX_LABEL_CHARS: Final = 200
"""Of ids and names in headers that travel on into what an event causes."""
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_MAX_CHAR_BYTES: Final = 4


def shown(value: bytes | str, max_chars: int) -> str:
    """A text of a record for people and databases: what is not printable is replaced, the rest is cut off."""
    text = (
        value[: max_chars * _MAX_CHAR_BYTES].decode(errors="replace") if isinstance(value, bytes) else value
    )
    text = text[:max_chars]
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else REPLACEMENT for c in text)
