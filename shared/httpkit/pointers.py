"""Where in a request something is wrong."""

from __future__ import annotations

from collections.abc import Sequence

Path = tuple[int | str, ...]
"""The way into a document: names of members and positions in lists."""


def pointer(path: Sequence[int | str]) -> str:
    """The JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
