"""The shape of planning's own state, and how a record becomes the next version of itself."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec.structs import replace

R = TypeVar("R", bound="Record")


class State(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An immutable value of planning. Encoded whole, as it is stored and answered.

    Values never form cycles, so the collector need not look at the thousands that a batch makes (`gc=False`).
    """


class Record(State, frozen=True, kw_only=True):
    """Something that is kept under a number; `version` counts changes from 1."""

    version: int = 0


def next_version(before: R | None, wanted: R) -> R | None:
    """What to store for a wish, or None if it changes nothing. Versions never go back."""
    if before is None:
        return replace(wanted, version=1)
    if replace(wanted, version=before.version) == before:
        return None
    return replace(wanted, version=before.version + 1)
