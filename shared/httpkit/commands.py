"""Runs commands: group commit, the idempotency key in the act's own transaction, and the wait for newer copies."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from contracts.refusals import Refusal
from eventkit.transaction import Database, Transaction
from httpkit import idempotency, problems, responses
from httpkit.commit_queue import LATER, CommitQueue, Later
from httpkit.copies import Copies
from httpkit.idempotency import Key, Record
from httpkit.limits import Limits
from httpkit.operations import Operations
from httpkit.responses import Resource, Shown
from recordkit.commands import Command, Done

UseCase = Callable[[Transaction, Sequence[Command[Any]]], Awaitable[Sequence[Done | Refusal]]]
"""Takes a batch and returns one result per command, in order. It is the key of its queue, so it must be long-lived."""

USE_CASES_MAX: Final = 500


class Answering(msgspec.Struct, frozen=True):
    """How the outcome of an act is answered.

    `resource`: read in the act's own transaction as the body, unless the use case gives an answer. `present` makes
    the body of `Done.answer` (default: it is the body). `status` overrides what follows from the outcome: 201 for
    what was created, 202 for an operation, 204 without a body, else 200.
    """

    resource: Resource | None = None
    present: Callable[[Any], Any] | None = None
    status: int | Callable[[Done], int] | None = None


class Stored(msgspec.Struct, frozen=True):
    """A committed act: its result, and the status, address and body of its answer."""

    done: Done
    status: int
    location: str | None
    body: bytes
    version: int | None


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of an act: stored now, or the record of an earlier request with the same Idempotency-Key."""

    answering: Answering
    result: Stored | Record


class _Call(msgspec.Struct, frozen=True):
    command: Command[Any]
    key: Key | None
    answering: Answering


_Result = Stored | Record | Refusal


class CommandRunner:
    """Runs use cases for commands. Commands of one use case that arrive together share a transaction.

    `copies` names the kinds of which this service keeps copies: only for these `Koppel-After` and the reference
    grace wait.
    """

    def __init__(
        self, database: Database, *, copies: Collection[str] = (), limits: Limits | None = None
    ) -> None:
        self.database = database
        self.limits = limits or Limits()
        self.copies = Copies(database, copies, self.limits)
        self.operations = Operations(database, self.limits)
        self._queues: dict[UseCase, CommitQueue[_Call, _Result]] = {}

    async def run(
        self, use_case: UseCase, command: Command[Any], key: Key | None, answering: Answering
    ) -> Outcome:
        """Run one command and store its key and answer with it. Raises the Refusal, or 503."""
        result = await self._decided(use_case, _Call(command, key, answering))
        if isinstance(result, Refusal):
            raise result
        return Outcome(answering, result)

    async def execute(self, use_case: UseCase, command: Command[Any]) -> Done:
        """Run a command that is only one step of a request; no key is stored for it."""
        outcome = await self.run(use_case, command, None, Answering())
        if isinstance(outcome.result, Record):
            raise problems.internal() from TypeError("a command without a key cannot be a replay")
        return outcome.result.done

    async def rehearse(self, use_case: UseCase, command: Command[Any], answering: Answering) -> Outcome:
        """Decide, keep the answer, and roll everything back."""
        # Past the queue: in a shared transaction the roll-back would undo the acts of other callers too.
        rehearsed = _Rehearsed()
        with suppress(_Rehearsed):
            async with self.database.begin() as tx:
                (decided,) = await use_case(tx, [command])
                if isinstance(decided, Refusal):
                    raise decided
                rehearsed.stored = await _stored(tx, answering, decided)
                # Leaving `begin` by an exception is what rolls back; the answer is read before, with the change in it.
                raise rehearsed
        # Nothing was created, so neither 201 nor an address would be true.
        return Outcome(answering, msgspec.structs.replace(rehearsed.stored, status=200, location=None))

    async def replay(self, key: Key | None, answering: Answering) -> Outcome | None:
        """The earlier answer to this key; None if it is new. Requests of several steps ask before the first step."""
        record = await idempotency.look_up(self.database, key) if key else None
        return None if record is None else Outcome(answering, record)

    async def close(self) -> None:
        """Stop polling for copies and operations; acts that are running finish by themselves."""
        await self.copies.close()
        await self.operations.close()

    async def _decided(self, use_case: UseCase, call: _Call) -> _Result:
        """The outcome; an act that a copy refuses is decided again when one of the copies gets newer."""
        queue = self._queue(use_case)
        outcome = await queue.submit(call)
        names = self.copies.kept(outcome.waits_for) if isinstance(outcome, Refusal) else ()
        if not names or self.limits.reference_grace_s <= 0:
            return outcome
        until = time.monotonic() + self.limits.reference_grace_s
        versions = dict.fromkeys(names, 0) | dict(await self.copies.versions(names))
        # A copy may have arrived between the refusal and the reading of versions: without this second attempt the
        # wait would be for a version after it, and the caller would get a refusal that is no longer true.
        outcome = await queue.submit(call)
        while isinstance(outcome, Refusal) and (left_s := until - time.monotonic()) > 0:
            newer = await self.copies.newer(versions, left_s, call.command.context.by)
            if newer is None:
                break
            versions |= newer
            outcome = await queue.submit(call)
        return outcome

    def _queue(self, use_case: UseCase) -> CommitQueue[_Call, _Result]:
        queue = self._queues.get(use_case)
        if queue is None:
            # A closure made per request would get a queue of its own each time: no group commit, and a leak.
            if len(self._queues) >= USE_CASES_MAX:
                msg = "use cases must be functions of a module, not made per request: their acts are stored together"
                raise RuntimeError(msg)
            name = getattr(use_case, "__qualname__", repr(use_case))

            async def store(calls: Sequence[_Call]) -> Sequence[_Result | Later]:
                return await self._store(use_case, calls)

            queue = self._queues[use_case] = CommitQueue(name, store, self.limits)
        return queue

    async def _store(self, use_case: UseCase, calls: Sequence[_Call]) -> Sequence[_Result | Later]:
        """Decide and store a batch in one transaction: keys, acts, answers to remember."""
        async with self.database.begin() as tx:
            # Keys first: their locks keep a second request with the same key, here or in another process, from
            # deciding before the first has committed.
            known = await idempotency.claim(tx, [call.key for call in calls])
            results: list[_Result | Later | None] = [*known]
            todo = [i for i, result in enumerate(known) if result is None]
            try:
                decided = await use_case(tx, [calls[i].command for i in todo]) if todo else ()
            except Refusal:
                await idempotency.check_unused(tx, _keys(calls[i] for i in todo))
                raise
            refused = [calls[i] for i, done in zip(todo, decided, strict=True) if isinstance(done, Refusal)]
            await idempotency.check_unused(tx, _keys(refused))
            for i, done in zip(todo, decided, strict=True):
                results[i] = (
                    done if isinstance(done, Refusal) else await _stored(tx, calls[i].answering, done)
                )
            # Refusals are not remembered: the same request may succeed later, so its key stays unused.
            await idempotency.store(tx, _to_remember(calls, results))
        return [LATER if result is None else result for result in results]


class _Rehearsed(Exception):  # noqa: N818 - ends a rehearsal, so that its transaction is rolled back
    stored: Stored


async def _stored(tx: Transaction, answering: Answering, done: Done) -> Stored:
    shown: Shown | None = None
    resource = answering.resource
    # Read inside the transaction: after the commit another process may have changed or deleted the row already.
    if resource is not None and done.answer is None and done.operation_id is None:
        shown = await resource.read(tx, done.no)
    body = _body(answering, done, shown)
    status = _status(answering, done, has_body=body is not None)
    version = shown.version if shown else done.version
    return Stored(done, status, _location(resource, status, done), body or b"", version)


def _body(answering: Answering, done: Done, shown: Shown | None) -> bytes | None:
    if done.answer is not None:
        body = answering.present(done.answer) if answering.present else done.answer
        return responses.encoded(body, done.warnings)
    if shown is not None:
        return responses.encoded(shown.body, done.warnings)
    return responses.encoded({}, done.warnings) if done.warnings else None


def _status(answering: Answering, done: Done, *, has_body: bool) -> int:
    if done.operation_id is not None:
        return 202
    if answering.status is not None:
        return answering.status if isinstance(answering.status, int) else answering.status(done)
    if done.created:
        return 201
    return 200 if has_body else 204


def end_status(answering: Answering) -> int:
    """The status of an operation's end result, for callers that wait for it."""
    return answering.status if isinstance(answering.status, int) else 200


def _location(resource: Resource | None, status: int, done: Done) -> str | None:
    if done.operation_id is not None:
        return f"/v1/operations/{done.operation_id}"
    if resource is None or not resource.location or status not in {201, 202}:
        return None
    return resource.location_of(done.no)


def _keys(calls: Iterable[_Call]) -> list[Key]:
    return [call.key for call in calls if call.key is not None]


def _to_remember(calls: Sequence[_Call], results: Sequence[Any]) -> list[tuple[Key, Record]]:
    return [
        (call.key, _record(call, call.key, result))
        for call, result in zip(calls, results, strict=True)
        if call.key is not None and isinstance(result, Stored)
    ]


def _record(call: _Call, key: Key, stored: Stored) -> Record:
    """What is stored to answer a repetition: the body only where it cannot be read again."""
    done = stored.done
    # A resource is read anew for a repetition, which saves writing each document a second time into `idempotency`.
    keep = call.answering.resource is None and done.operation_id is None and bool(stored.body)
    return Record(
        key.fingerprint,
        stored.status,
        stored.location,
        done.kind,
        done.no,
        done.version,
        done.operation_id,
        msgspec.Raw(stored.body) if keep else None,
    )
