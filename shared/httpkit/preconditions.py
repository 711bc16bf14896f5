"""Conditional requests and preferences: ETag, If-Match, If-None-Match, Prefer."""

from __future__ import annotations

import re
from typing import Final

from contracts.refusals import Refusal
from httpkit import problems

_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,18})"', re.ASCII)
_WAIT: Final = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?=$|[,;])", re.ASCII)


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def allowed_versions(header: str | None) -> frozenset[int]:
    """The versions that an If-Match header allows; empty for any (`*`, or no header).

    Refused (412) if none of its entity tags names a version.
    """
    if header is None or header.strip() == "*":
        return frozenset()
    tags = [_ETAG.fullmatch(tag.strip()) for tag in header.split(",")]
    versions = frozenset(int(tag[1]) for tag in tags if tag is not None)
    # A foreign tag in a list never matches; the others may.
    if not versions:
        raise _never_matches()
    return versions


def _never_matches() -> Refusal:
    return problems.refusal(412, "stale-version", 'If-Match names no version; they are written as "7"')


def is_unchanged(header: str | None, version: int) -> bool:
    """Whether an If-None-Match header names the current version, so that 304 is the answer."""
    return header is not None and (
        header.strip() == "*" or str(version) in (match[1] for match in _ETAG.finditer(header))
    )


def preferred_wait_s(header: str | None) -> float:
    """The seconds of a header `Prefer: wait=N`; 0 without."""
    found = _WAIT.search(header) if header else None
    return float(found[1]) if found else 0.0
