"""Commands and results of use cases, alike for HTTP, messages and jobs.

A use case is plural: `async def release_orders(tx, commands) -> list[Done | Refusal]`, one result per command in the
commands' order. A refusal concerns its command alone and leaves nothing of it behind.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from eventkit.context import Context

T = TypeVar("T")


class Command(msgspec.Struct, Generic[T], frozen=True):
    """One wish: `data` says what, `context` who and why; `expected_version` is what If-Match demands, if anything."""

    data: T
    context: Context
    expected_version: int | None = None


class Warning_(msgspec.Struct, frozen=True, omit_defaults=True):  # noqa: N801 - `Warning` is Python's own
    """Something the caller should know although the act was done."""

    code: str
    detail: str
    line_no: int | None = None


class Done(msgspec.Struct, frozen=True):
    """An act was done: which aggregate it concerns and at which version that is now."""

    kind: str
    no: str
    version: int = 0
    created: bool = False
    """PUT: 201 instead of 200."""
    answer: Any = None
    """The answer's body where it is not the resource itself."""
    operation_id: UUID | None = None
    """Set if the act goes on in another service: 202 with the operation's location."""
    seen: tuple[tuple[str, str, int], ...] = ()
    """Further (kind, number, version) that the act raised."""
    warnings: tuple[Warning_, ...] = ()
