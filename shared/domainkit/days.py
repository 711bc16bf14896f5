"""Time zones: what "today" is for the company."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@cache
def time_zone(name: str) -> ZoneInfo:
    """An IANA time zone; UTC for a blank name or one that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def is_time_zone(name: str) -> bool:
    """Whether this machine knows the name as an IANA time zone."""
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def day_in(zone: str, now: datetime) -> date:
    """The calendar day of an instant in a time zone."""
    return now.astimezone(time_zone(zone)).date()
