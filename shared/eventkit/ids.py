"""Identifiers that sort by the time of their creation."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: ordered by time, so that indexes grow at their right end."""
    return uuid7()
