"""The kit's own errors, and the one place that knows which failures of the database pass by themselves."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_TRANSIENT_CLASSES = ("08", "53", "57P")
"""Connection lost, out of resources, shut down by an operator."""
_TRANSIENT_STATES = frozenset({"40001", "40P01", "55P03", "25P03", "25P04", "57P05", "57014"})
"""Serialization, deadlock, lock not available, session timeouts, query cancelled."""


class RebuildNeededError(Exception):
    """The broker no longer has what this service should read next. Never repaired silently: an operator decides."""


class ConfigurationError(Exception):
    """The installation contradicts the settings; starting would do damage."""


class OvertakenError(Exception):
    """Another process stored a newer copy while this one decided: roll back and look again."""


class NotWholeError(Exception):
    """A batch that was begun in the expectation that every event takes effect: roll back and decide event by event."""


class PartitionLostError(Exception):
    """Another process reads these partitions now: roll back and read one's own positions again."""


class BrokerError(Exception):
    """The broker's client gave up: only a new process helps, or an operator."""


class UndecodableError(Exception):
    """A record is no event that its contract allows."""


def is_transient(error: BaseException) -> bool:
    """True for failures of the database, the network or the broker that may pass: worth trying again as it is."""
    if isinstance(error, OvertakenError | PoolTimeoutError | InterfaceError | OSError | TimeoutError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _state_is_transient(
            getattr(error.orig, "sqlstate", None) or ""
        )
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, asyncpg.DataError)  # a value that does not fit its parameter
    return isinstance(error, asyncpg.PostgresError) and _state_is_transient(error.sqlstate or "")


def is_too_slow(error: BaseException) -> bool:
    """True if a statement was cancelled by its time-out: the next try may be as slow, a smaller one is not."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) == "57014"


def _state_is_transient(sqlstate: str) -> bool:
    return sqlstate.startswith(_TRANSIENT_CLASSES) or sqlstate in _TRANSIENT_STATES
