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


def expected_version(header: str | None) -> int | None:
    """The version that an If-Match header demands; None if there is none, or any (`*`)."""
    if header is None:
        return None
    header = header.strip()
    if header == "*":
        return None
    found = _ETAG.fullmatch(header)
    if found is None:
        raise _never_matches()
    return int(found[1])


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
