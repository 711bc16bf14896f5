"""Commands and results of use cases, the same for HTTP, messages and jobs.

A use case is plural: `async def release_orders(tx, commands) -> list[Done | Refusal]`, one result per command in the
commands' order. A refusal concerns its command alone and leaves nothing of it behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import LineNo
from contracts.refusals import Refusal, stale
from eventkit.context import Context

T = TypeVar("T")


class Command(msgspec.Struct, Generic[T], frozen=True):
    """One request: `data` says what, `context` who and why. `if_match`: the versions that If-Match allows."""

    data: T
    context: Context
    if_match: frozenset[int] = frozenset()
    """Empty: any version."""

    @property
    def expected_version(self) -> int | None:
        """The newest version that the caller says it has seen; None if it says nothing."""
        return max(self.if_match, default=None)

    def allows(self, version: int) -> bool:
        """Whether the act may change what has this version."""
        return not self.if_match or version in self.if_match

    def check_version(self, no: str, version: int) -> None:
        """Refuse to change what has another version than the caller has seen (`stale-version`)."""
        if not self.allows(version):
            raise stale(no, version)


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something the caller should know although the act was done; a member of `warnings` in the answer."""

    code: Annotated[str, Meta(description="Stable, kebab-case.", examples=["vendor-required"])]
    detail: Annotated[str, Meta(description="For people.", examples=["item 1300 has no vendor"])]
    line_no: Annotated[LineNo | None, Meta(description="The line that it concerns, if it is one.")] = None


class Done(msgspec.Struct, frozen=True):
    """An act was done: which aggregate it concerns and at which version that is now."""

    kind: str
    no: str
    version: int = 0
    created: bool = False
    """The act created the resource (201)."""
    answer: Any = None
    """What the answer's body is made of, where it is not the resource as it is read."""
    operation_id: UUID | None = None
    """Set if the act goes on in another service (202, with the operation's location)."""
    seen: tuple[tuple[str, str, int], ...] = ()
    """Further (kind, number, version) that the act raised."""
    warnings: tuple[Notice, ...] = ()


def decide_each(commands: Sequence[Command[T]], decide: Callable[[Command[T]], Done]) -> list[Done | Refusal]:
    """Decide commands in order, each on the state after the one before; a refusal affects only its own command."""
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            results.append(decide(command))
        except Refusal as refusal:
            results.append(refusal)
    return results
