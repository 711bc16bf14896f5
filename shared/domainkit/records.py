"""Versions of master data: each change is the next version; deleting marks a record, which stays."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import msgspec


class Record(Protocol):
    """A record of master data as its owner keeps and publishes it: a frozen msgspec struct with a version."""

    @property
    def version(self) -> int:
        """Counts the changes by its owner."""
        ...

    @property
    def happened(self) -> tuple[str, ...]:
        """What the last change was, in words for people."""
        ...

    @property
    def deleted(self) -> bool:
        """Whether it was deleted; its row stays."""
        ...


R = TypeVar("R", bound=Record)


def next_version(before: R | None, wanted: R) -> R | None:
    """The record after a PUT; None if the request changes nothing. Versions never go back, also after a deletion."""
    if before is None:
        return _with(wanted, version=1, happened=("created",))
    if _with(wanted, version=before.version, happened=()) == _with(before, happened=()):
        return None
    happened = "created" if before.deleted else "changed"
    return _with(wanted, version=before.version + 1, happened=(happened,))


def deleted(before: R) -> R:
    """The record marked deleted; its next version says so to every service that keeps a copy."""
    return _with(before, version=before.version + 1, deleted=True, happened=("deleted",))


def without_happened(record: R) -> R:
    """The record as it is stored: `happened` describes one change, so only that change's event carries it."""
    return _with(record, happened=())


def _with(record: R, **changes: Any) -> R:
    return msgspec.structs.replace(record, **changes)  # type: ignore[type-var] # records are structs
