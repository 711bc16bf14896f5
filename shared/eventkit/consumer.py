"""What a service writes to consume events: subscriptions, with handlers that take whole batches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from eventkit.context import Context
from eventkit.kinds import Kind
from eventkit.transaction import Transaction

S = TypeVar("S")


class Waiting(Exception):  # noqa: N818 - not an error: the event waits
    """Raised while deciding: the change needs a (newer) copy of this aggregate, which has not arrived yet."""

    def __init__(self, kind: str, no: str) -> None:
        super().__init__(f"waits for {kind}/{no}")
        self.kind = kind
        self.no = no


class Change(Generic[S]):
    """An aggregate as this service knew it, and its newer snapshot."""

    __slots__ = ("_context", "_old", "_old_json", "kind", "new", "no", "version")

    def __init__(
        self,
        *,
        kind: str,
        no: str,
        version: int,
        new: S,
        context: Context | Callable[[], Context],
        old_json: str | None = None,
    ) -> None:
        self.kind = kind
        self.no = no
        self.version = version
        self.new = new
        self._context = context
        self._old_json = old_json
        self._old: S | None = None

    @property
    def context(self) -> Context:
        """The context of the effects, caused by the event. Made lazily; many changes have no effects."""
        if not isinstance(self._context, Context):
            self._context = self._context()
        return self._context

    @property
    def old(self) -> S | None:
        """The copy until now, None if unknown or not kept. Decoded lazily; most handlers never read it."""
        if self._old is None and self._old_json is not None:
            self._old = msgspec.json.decode(self._old_json, type=type(self.new))
        return self._old


class Batch(Generic[S]):
    """Changes of one kind in offset order: the newest of each aggregate, all newer than our copies."""

    def __init__(self, changes: Sequence[Change[S]]) -> None:
        self.changes = changes
        self.failed: dict[str, Exception] = {}
        self.waiting: dict[str, Waiting] = {}

    def __iter__(self) -> Iterator[Change[S]]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @contextmanager
    def deciding(self, change: Change[S]) -> Iterator[None]:
        """Decide on one change: an exception in the block parks this event alone, `Waiting` makes it wait.

        Keep database access out of the block: a failed statement aborts the transaction of all changes. Collect
        effects only when the decision is complete.
        """
        try:
            yield
        except Waiting as e:
            self.waiting[change.no] = e
        except Exception as e:  # noqa: BLE001 - an exception of a decision concerns this event alone
            self.failed[change.no] = e


Handler = Callable[[Transaction, Batch[Any]], Awaitable[None]]
OnStale = Callable[[Transaction, Sequence[str]], Awaitable[None]]


@dataclass(frozen=True)
class Subscription(Generic[S]):
    """A kind that this service consumes. Without a handler only the copy is kept.

    `keep_body` False keeps only the copy's version, which deduplication needs, where its content is not read.
    `wants` leaves events out by their snapshots, as if they were of a kind that is not read: no copy, no decision.
    It is for final states, which no later event takes back.
    """

    kind: Kind
    handler: Handler | None = None
    keep_body: bool = True
    wants: Callable[[S], bool] | None = None
    on_stale: OnStale | None = None
    """Called with the numbers of which an older version came after a newer one (see `republish.read_back`)."""
