"""Days: what "today" is for the company, and days before and after another."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
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


def end_of_day(zone: str, day: date) -> datetime:
    """The last second of a day in a time zone, in UTC."""
    return datetime.combine(day, time(23, 59, 59), time_zone(zone)).astimezone(UTC)


def days_after(day: date, days: int) -> date:
    """The day so many days later, or earlier if `days` is negative; the calendar's end where it would leave it."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
