"""Raw card numbers are refused in any field and never stored or logged (B14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contracts.refusals import Refusal, Violation

_SHORTEST, _LONGEST = 13, 19
_RUN = re.compile(r"(?<![0-9A-Za-z+])\d(?:[ -]?\d){12,}(?!-?[0-9A-Za-z])")
_RUN_IN_JSON = re.compile(rb"(?<![0-9A-Za-z+])\d(?:[ -]?\d){12,}(?!-?[0-9A-Za-z])")
_SHAPE = bytes(b"d"[0] if chr(c) in "0123456789 -" else b"."[0] for c in range(256))
_LONG_RUN = b"d" * _SHORTEST
"""What any number looks like in a document whose bytes are replaced by their shape: found in a microsecond."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ISSUED = re.compile(r"[3-6]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")
"""How the numbers of payment cards begin (ISO/IEC 7812); a receipt number made of a date, 2026…, does not."""


def may_hold_card_number(json: bytes) -> bool:
    """A quick look at a whole document: False means that no field can hold a card number."""
    return _LONG_RUN in json.translate(_SHAPE) and _RUN_IN_JSON.search(json) is not None


def is_card_number(text: str) -> bool:
    """True if `text` holds 13 to 19 digits, grouped or not, begin as cards do and pass Luhn's check."""
    if _UUID.fullmatch(text):
        return False
    return any(_passes(number) for run in _RUN.finditer(text) for number in _numbers_in(run.group()))


def refuse_card_numbers(document: Any) -> None:
    """Refuse a decoded JSON document that holds a card number anywhere (422 `card-number-not-allowed`).

    Nothing else is said about such a document: other reasons could repeat the number.
    """
    found = tuple(
        Violation(
            "card-number-not-allowed", "this field holds a card number; send a card token instead", pointer
        )
        for pointer, text in _texts(document, "")
        if is_card_number(text)
    )
    if found:
        raise Refusal(*found)


def _numbers_in(run: str) -> Iterator[str]:
    """The run as one number, and each of its groups: `4111 1111 1111 1111` or `12 4111111111111111`."""
    yield re.sub("[ -]", "", run)
    yield from re.split("[ -]", run)


def _passes(number: str) -> bool:
    if not _SHORTEST <= len(number) <= _LONGEST or not _ISSUED.match(number):
        return False
    digits = [int(d) for d in reversed(number)]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _texts(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield pointer, key
            yield from _texts(value, f"{pointer}/{'*' if is_card_number(key) else key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _texts(value, f"{pointer}/{index}")
    elif isinstance(node, str):
        yield pointer, node
    elif isinstance(node, int) and not isinstance(node, bool):
        yield pointer, str(node)
