"""Rules of documents that several services share."""

from __future__ import annotations

from contracts.fields import MAX_LINES
from contracts.refusals import Violations


def check_line_count(found: Violations, count: int) -> None:
    """A document has at most `MAX_LINES` lines, charges among them: it travels as one message."""
    if count > MAX_LINES:
        detail = f"a document has at most {MAX_LINES} lines, charges among them"
        found.invalid("too-many-lines", detail, "/lines", limit=MAX_LINES)
