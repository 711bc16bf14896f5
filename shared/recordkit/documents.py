"""Lock, decide, store: the documents of one transaction, changed by decisions and written and published together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from contracts.audit import FieldChange
from contracts.refusals import not_found, stale
from domainkit.auditing import differences
from eventkit.context import Context
from eventkit.kinds import Kind, Snapshot
from eventkit.transaction import Transaction
from recordkit.commands import Done


class Document(Protocol):
    """A document as its owner keeps it: a frozen msgspec struct."""

    @property
    def no(self) -> str:
        """Number of the document; it never changes."""
        ...

    @property
    def version(self) -> int:
        """How often its owner changed it; starts at 1."""
        ...

    @property
    def deleted(self) -> bool:
        """Whether it was deleted; its row stays."""
        ...


D = TypeVar("D", bound=Document)


class _Change(msgspec.Struct):
    happened: tuple[str, ...]
    context: Context


class _Act(msgspec.Struct):
    """What one act changed, for the audit trail."""

    no: str
    version: int
    happened: tuple[str, ...]
    by: str
    changes: tuple[FieldChange, ...]


class LockedDocuments(Generic[D]):
    """Documents whose rows the transaction has locked, in their state after the acts so far.

    Each act on a document raises its version by one. What is written and published is its last state, once.
    `completed(before, after)` adds what follows from any change, whichever act made it.
    """

    def __init__(
        self, kind: Kind, locked: Mapping[str, D], completed: Callable[[D, D], D] | None = None
    ) -> None:
        self.kind = kind
        self._completed = completed
        self.by_no: dict[str, D] = dict(locked)
        self._changes: dict[str, _Change] = {}
        self._acts: list[_Act] = []

    def get(self, no: str, if_match: Collection[int] = ()) -> D:
        """The document that a path names: refused if there is none, or if its version is not among those given."""
        document = self.by_no.get(no)
        if document is None or document.deleted:
            raise not_found(self.kind.name, no)
        if if_match and document.version not in if_match:
            raise stale(no, document.version)
        return document

    def put(self, after: D, context: Context, *happened: str) -> Done:
        """Keep the outcome of an act. Without a change the version stays and nothing is published."""
        before = self.by_no[after.no]
        if after != before:
            if self._completed is not None:
                after = self._completed(before, after)
            after = replace(after, version=before.version + 1)  # type: ignore[type-var] # documents are structs
            self.by_no[after.no] = after
            changes = differences(before, after)  # type: ignore[arg-type] # documents are structs
            self._acts.append(_Act(after.no, after.version, happened, context.by, changes))
            # One event carries all acts of the transaction: what happened is collected, each word once, in order. Its
            # cause is the last act, as its version is.
            earlier = self._changes.get(after.no)
            told = earlier.happened if earlier else ()
            self._changes[after.no] = _Change(tuple(dict.fromkeys((*told, *happened))), context)
        return Done(self.kind.name, after.no, after.version)

    def is_changed(self, no: str) -> bool:
        """Whether an act of this transaction has changed the document."""
        return no in self._changes

    def context_of(self, no: str) -> Context:
        """The context of the last act on a document that has changed."""
        return self._changes[no].context

    def changed(self, tx: Transaction, finish: Callable[[D], D] | None = None) -> list[D]:
        """The documents to write; what acts changed of them is noted in the audit trail.

        `finish` adds what is only known at the end, such as numbers of posted documents.
        """
        for act in self._acts:
            tx.audit.add(
                self.kind.name, act.no, act.version, happened=act.happened, by=act.by, changes=act.changes
            )
        self._acts.clear()
        if finish is not None:
            for no in self._changes:
                self.by_no[no] = finish(self.by_no[no])
        return [self.by_no[no] for no in self._changes]

    def publish(self, tx: Transaction, snapshot: Callable[[D, tuple[str, ...]], Snapshot]) -> None:
        """Publish what changed: one event per document. Call it after `changed`."""
        for no, change in self._changes.items():
            tx.publish(self.kind, no, snapshot(self.by_no[no], change.happened), change.context)
