"""Numbers with a slash in paths: `SO%2F2026%2F1` is one segment, although servers decode paths before they route.

The middleware keeps such a slash apart by a character that no number can contain; the path's parameter puts it back.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from starlette.types import Scope

_MARK: Final = "\ue000"
"""A private character: `httpkit.leaves` refuses it in every number."""
_ENCODED_MARK: Final = b"%EE%80%80"
_SENT_MARK: Final = re.compile(_ENCODED_MARK, re.IGNORECASE)
_REFUSED: Final = b"%EE%80%81"
"""Another private character: a caller's own mark stays one that is refused, and becomes no slash."""
_ENCODED_SLASH: Final = re.compile(rb"%2F", re.IGNORECASE)


def keep_apart(scope: Scope) -> None:
    """Mark the encoded slashes of a request's path before it is routed."""
    raw: bytes | None = scope.get("raw_path")
    if raw and (_ENCODED_SLASH.search(raw) or _SENT_MARK.search(raw)):
        path = _SENT_MARK.sub(_REFUSED, raw.split(b"?")[0])
        scope["path"] = unquote(_ENCODED_SLASH.sub(_ENCODED_MARK, path).decode("ascii"))


def put_back(segment: str) -> str:
    """The segment as its caller means it."""
    return segment.replace(_MARK, "/")
