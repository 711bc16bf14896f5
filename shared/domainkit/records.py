"""Versions of master data: each change is the next version; deleting marks a record, which stays."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from contracts.values import Snapshot

R = TypeVar("R", bound=Snapshot)


def next_version(before: R | None, wanted: R) -> R | None:
    """The record after a PUT; None if the request changes nothing. Versions never go back, also after a deletion."""
    if before is None:
        return replace(wanted, version=1, happened=("created",))
    if replace(wanted, version=before.version, happened=()) == replace(before, happened=()):
        return None
    happened = "created" if before.deleted else "changed"
    return replace(wanted, version=before.version + 1, happened=(happened,))


def deleted(before: R) -> R:
    """The record marked deleted; its next version says so to every service that keeps a copy."""
    return replace(before, version=before.version + 1, deleted=True, happened=("deleted",))
