"""The kit's errors, and which errors of database, network and broker are transient."""

from __future__ import annotations

from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_TRANSIENT_CLASSES = ("08", "53", "57P")
"""Connection lost, out of resources, shut down by an operator."""
_TRANSIENT_STATES = frozenset({"40001", "40P01", "55000", "55P03", "25P03", "25P04", "57P05", "57014"})
"""Serialization, deadlock, a database that takes no connections, lock not available, session timeouts, query
cancelled."""

DATABASE_ERRORS: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a connection that is used without SQLAlchemy can raise. The last one: the driver lost track of a connection that
broke in the middle of a message."""


class RebuildNeededError(Exception):
    """The broker no longer has the offset to read next. An operator decides, since skipping it would lose events."""


class ConfigurationError(Exception):
    """The installation contradicts the settings; starting could damage data."""


class OvertakenError(Exception):
    """Another process changed what this one decided on, such as a copy: roll back and decide again."""


class NotWholeError(Exception):
    """The optimistic whole-batch attempt failed: roll back and process events individually."""


class PartitionLostError(Exception):
    """Another process reads these partitions now: roll back and load the own offsets again."""


class BrokerError(Exception):
    """The broker's client gave up: restart the process, or call an operator."""


class UndecodableError(Exception):
    """A record does not match its contract; `reason` is the one it is parked with."""

    reason = "undecodable"


class ForeignError(UndecodableError):
    """A record was not written by the owner of its topic about the aggregate that it names."""

    reason = "foreign"


class ImplausibleError(UndecodableError):
    """A record's version is too far ahead of the copy to be true."""

    reason = "implausible"


def is_transient(error: BaseException) -> bool:
    """True for errors of database, network or broker that may be gone at the next try."""
    if isinstance(error, OvertakenError | PoolTimeoutError | InterfaceError | OSError | TimeoutError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _state_is_transient(
            getattr(error.orig, "sqlstate", None) or ""
        )
    if isinstance(error, asyncpg.InternalClientError):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, asyncpg.DataError)  # a value that does not fit its parameter
    return isinstance(error, asyncpg.PostgresError) and _state_is_transient(error.sqlstate or "")


def is_too_slow(error: BaseException) -> bool:
    """True if a statement was cancelled by its time-out: the same batch may be as slow again, a smaller one is not."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) == "57014"


def _state_is_transient(sqlstate: str) -> bool:
    return sqlstate.startswith(_TRANSIENT_CLASSES) or sqlstate in _TRANSIENT_STATES
