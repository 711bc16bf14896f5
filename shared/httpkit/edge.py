"""The edge of a service: HTTP requests become commands of use cases, their outcomes become answers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select
from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import Refusal, not_found
from eventkit.context import Context
from eventkit.transaction import Database, Transaction
from httpkit import answers, idempotency, lists, metrics, operations, preconditions, problems, tracing
from httpkit.answers import Headers, Json, Resource, Show
from httpkit.auth import caller_of
from httpkit.copies import Copies
from httpkit.headers import header_of
from httpkit.idempotency import Key, Record
from httpkit.lanes import LATER, Lane, Later
from httpkit.limits import Limits
from httpkit.operations import Operations
from recordkit.commands import Command, Done

__all__ = ["Edge", "Limits", "Resource", "Show", "UseCase"]

UseCase = Callable[[Transaction, Sequence[Command[Any]]], Awaitable[Sequence[Done | Refusal]]]
"""Always plural: one result per command, in order. A module-level function (or another object that lives long)."""

Status = int | Callable[[Done], int]

LANES_MAX = 500
_OPERATION_GONE = "the operation is not known any more"


class _Call(msgspec.Struct, frozen=True):
    """One command on its way through a lane, and what is needed to remember and show its outcome."""

    command: Command[Any]
    key: Key | None
    status: Status
    location: str | None
    show: Show | None


class _Stored(msgspec.Struct, frozen=True):
    """A command that was carried out, with the resource as its own transaction left it."""

    done: Done
    status: int
    shown: Resource | None


_Outcome = _Stored | Record | Refusal


class Edge:
    """Carries requests into use cases and back.

    `copies` names the kinds of which this service keeps copies: only for these `Koppel-After` and the reference
    grace wait. Acts of one use case that arrive together are stored in one transaction, each with its own outcome.
    """

    def __init__(
        self, database: Database, *, copies: Collection[str] = (), limits: Limits | None = None
    ) -> None:
        self.database = database
        self.limits = limits or Limits()
        self.copies = Copies(database, copies, self.limits)
        self.operations = Operations(database, self.limits)
        self._lanes: dict[UseCase, Lane[_Call, _Outcome]] = {}

    async def act(  # noqa: PLR0913 - keywords with defaults: what differs between acts
        self,
        request: Request,
        use_case: UseCase,
        data: Any,
        *,
        show: Show | None = None,
        status: Status = 200,
        location: str | None = None,
        dry_run: bool = False,
        expect_version: bool = True,
        version_required: bool = False,
        key_required: bool | None = None,
    ) -> Response:
        """Carry out one act and answer it.

        The body is `Done.answer` if the use case gives one, else what `show` reads in the act's own transaction
        (neither: no body). A repeated Idempotency-Key is answered with the first one's status and Location and what
        `show` reads now, without `show` with the stored answer. `status` is that of an act that ends here (204 has
        no body); 201 where `Done.created`, 202 where it goes on in another service (then `status` is that of its end
        result for callers with `Prefer: wait`). `location` is a template such as "/v1/sales-orders/{no}", sent with
        201 and 202. `expect_version` False ignores If-Match, `version_required` answers 428 without it.
        `key_required` defaults to whether the method is POST. With `dry_run` everything is decided and rolled back.
        """
        await self.copies.wait_for(header_of(request, "koppel-after"))
        expected = (
            preconditions.expected_version(request, required=version_required and not dry_run)
            if expect_version
            else None
        )
        command = Command(data, self.context(request), expected)
        if dry_run:
            return await self._rehearse(use_case, command, show)
        key = await self._key(request, required=key_required)
        call = _Call(command, key, status, location, show)
        wait_s = preconditions.preferred_wait_s(request)
        with self.operations.slot() if wait_s else nullcontext():
            outcome = await self._patiently(use_case, call)
            return await self._answer(outcome, call, wait_s)

    async def carry_out(self, use_case: UseCase, command: Command[Any]) -> Done:
        """An act without a request of its own (a step of a longer one), with the others of its use case.

        Raises the Refusal (after the reference grace where a copy may change it), or 503; no key is stored for it.
        """
        outcome = await self._patiently(use_case, _Call(command, None, 200, None, None))
        if isinstance(outcome, Refusal):
            raise outcome
        if isinstance(outcome, Record):
            raise problems.internal() from TypeError("a command without a key cannot be a replay")
        return outcome.done

    async def replay(self, request: Request, *, show: Show | None = None) -> Response | None:
        """The answer that the request's Idempotency-Key got before; None if the key is new.

        For requests of several steps, which ask before the first; the last one is an `act`, which stores the key.
        """
        key = await self._key(request, required=None)
        record = await idempotency.look_up(self.database, key) if key else None
        if record is None:
            return None
        return await self._answer(
            record, _Call(Command(None, self.context(request)), key, 200, None, show), 0
        )

    async def show(self, request: Request, show: Show, no: str, thing: str) -> Response:
        """GET of one resource: 404 `unknown-<thing>`, ETag, 304 if If-None-Match names its version."""
        await self.copies.wait_for(header_of(request, "koppel-after"))
        async with self.database.read() as conn:
            found = await show(conn, no)
        if found is None:
            return problems.respond(not_found(thing, no))
        headers = _etag(found.version)
        if found.version is not None and preconditions.is_unchanged(request, found.version):
            return Json(b"", 304, headers)
        return answers.json_answer(found.body, 200, headers)

    async def listing(  # noqa: PLR0913 - keywords
        self,
        request: Request,
        page: lists.Page,
        query: Select[Any],
        *,
        key: Sequence[Any],
        body: Callable[[Any], Any],
        updated: Any = None,
        descending: bool = False,
    ) -> Response:
        """GET of many: see `httpkit.lists.answer`."""
        await self.copies.wait_for(header_of(request, "koppel-after"))
        wanted = lists.Wanted(query, tuple(key), updated, descending)
        async with self.database.read() as conn:
            return await lists.answer(conn, request, page, wanted, body, self.limits)

    def context(self, request: Request) -> Context:
        """Who asks, and the trace and correlation of the request."""
        principal = caller_of(request)
        return tracing.context_of(request, principal.subject if principal else "anonymous")

    async def close(self) -> None:
        """Stop waiting; acts under way end by themselves."""
        await self.copies.close()
        await self.operations.close()

    async def _key(self, request: Request, *, required: bool | None) -> Key | None:
        if request.method not in {"POST", "PATCH"}:
            return None
        principal = caller_of(request)
        needed = request.method == "POST" if required is None else required
        return await idempotency.key_of(request, principal.caller if principal else "", required=needed)

    def _lane(self, use_case: UseCase) -> Lane[_Call, _Outcome]:
        lane = self._lanes.get(use_case)
        if lane is None:
            if len(self._lanes) >= LANES_MAX:
                msg = "use cases must be functions of a module, not made per request: their acts are stored together"
                raise RuntimeError(msg)
            name = getattr(use_case, "__qualname__", repr(use_case))

            async def store(calls: Sequence[_Call]) -> Sequence[_Outcome | Later]:
                return await self._store(use_case, calls)

            lane = self._lanes[use_case] = Lane(name, store, self.limits)
        return lane

    async def _store(self, use_case: UseCase, calls: Sequence[_Call]) -> Sequence[_Outcome | Later]:
        """Decide and store a batch in one transaction: keys, acts, answers to remember."""
        async with self.database.begin() as tx:
            known = await idempotency.claim(tx, [call.key for call in calls])
            outcomes: list[_Outcome | Later | None] = [*known]
            todo = [i for i, outcome in enumerate(known) if outcome is None]
            results = await use_case(tx, [calls[i].command for i in todo]) if todo else ()
            for i, result in zip(todo, results, strict=True):
                outcomes[i] = result if isinstance(result, Refusal) else await _stored(tx, calls[i], result)
            await idempotency.store(tx, _to_remember(calls, outcomes))
        return [LATER if outcome is None else outcome for outcome in outcomes]

    async def _patiently(self, use_case: UseCase, call: _Call) -> _Outcome:
        """The outcome; an act that a copy refuses is decided again when one of the copies gets newer."""
        lane = self._lane(use_case)
        outcome = await lane.submit(call)
        names = self.copies.kept(outcome.waits_for) if isinstance(outcome, Refusal) else ()
        if not names or self.limits.reference_grace_s <= 0:
            return outcome
        until = time.monotonic() + self.limits.reference_grace_s
        versions = dict.fromkeys(names, 0) | dict(await self.copies.versions(names))
        # A copy may have come between the refusal and the reading of versions.
        outcome = await lane.submit(call)
        while isinstance(outcome, Refusal) and (left_s := until - time.monotonic()) > 0:
            newer = await self.copies.newer(versions, left_s)
            if newer is None:
                break
            versions |= newer
            outcome = await lane.submit(call)
        return outcome

    async def _rehearse(self, use_case: UseCase, command: Command[Any], show: Show | None) -> Response:
        """Decide, show, and roll back."""
        call = _Call(command, None, 200, None, show)
        try:
            async with self.database.begin() as tx:
                (result,) = await use_case(tx, [command])
                outcome = result if isinstance(result, Refusal) else await _stored(tx, call, result)
                raise _RollBack  # noqa: TRY301 - the transaction's own way out
        except _RollBack:
            pass
        if isinstance(outcome, Refusal):
            return problems.respond(outcome)
        return Json(_body(outcome), 200)

    async def _answer(self, outcome: _Outcome, call: _Call, wait_s: float) -> Response:
        if isinstance(outcome, Refusal):
            return problems.respond(outcome)
        if isinstance(outcome, Record):
            metrics.REPLAYED.inc()
            return await self._answer_again(outcome, call, wait_s)
        done = outcome.done
        headers = _seen(((done.kind, done.no, done.version), *done.seen))
        if done.operation_id is not None:
            return await self._answer_operation(
                done.operation_id, _end_status(call.status, done), headers, wait_s
            )
        version = outcome.shown.version if outcome.shown else done.version
        headers += _etag(version)
        location = _location(call, outcome.status, done)
        if location is not None:
            headers.append((b"location", location.encode()))
        return Json(b"" if outcome.status == 204 else _body(outcome), outcome.status, headers)  # noqa: PLR2004

    async def _answer_again(self, record: Record, call: _Call, wait_s: float) -> Response:
        """What was answered before: the same status and Location, the resource as it is now."""
        headers: Headers = [(b"idempotency-replayed", b"true")]
        if record.operation_id is not None:
            headers += _seen(((record.kind or "", record.no or "", record.version),))
            end_status = call.status if isinstance(call.status, int) else 200
            return await self._answer_operation(record.operation_id, end_status, headers, wait_s)
        if record.location is not None:
            headers.append((b"location", record.location.encode()))
        if record.answer is not None or call.show is None or record.no is None:
            headers += _seen(((record.kind or "", record.no or "", record.version),)) + _etag(record.version)
            return Json(bytes(record.answer) if record.answer is not None else b"", record.status, headers)
        async with self.database.read() as conn:
            shown = await call.show(conn, record.no)
        if shown is None:
            gone = problems.refusal(
                410, "deleted", f"{record.no} was made by this request and has been deleted since"
            )
            return problems.respond(gone, {"Idempotency-Replayed": "true"})
        headers += _seen(((record.kind or "", record.no, shown.version or 0),)) + _etag(shown.version)
        return answers.json_answer(shown.body, record.status, headers)

    async def _answer_operation(
        self, id_: UUID, end_status: int, headers: Headers, wait_s: float
    ) -> Response:
        ended = await self.operations.ended(id_, wait_s) if wait_s else None
        if ended is not None:
            return operations.end_result(ended, end_status, headers)
        running = await self.operations.find(id_)
        if running is None:
            return problems.respond(problems.refusal(410, "operation-gone", _OPERATION_GONE))
        return operations.accepted(running, headers)


class _RollBack(Exception):  # noqa: N818 - the end of a rehearsal
    pass


async def _stored(tx: Transaction, call: _Call, done: Done) -> _Stored:
    status = _status(call.status, done)
    shown = None
    if call.show is not None and done.answer is None and done.operation_id is None and status != 204:  # noqa: PLR2004
        shown = await call.show(tx, done.no)
    return _Stored(done, status, shown)


def _to_remember(calls: Sequence[_Call], outcomes: Sequence[Any]) -> list[tuple[Key, Record]]:
    return [
        (call.key, _record(call, call.key, outcome))
        for call, outcome in zip(calls, outcomes, strict=True)
        if call.key is not None and isinstance(outcome, _Stored)
    ]


def _record(call: _Call, key: Key, stored: _Stored) -> Record:
    """What must be kept to answer again: the body only where it cannot be read again."""
    done = stored.done
    keep = call.show is None and done.operation_id is None and done.answer is not None
    return Record(
        key.fingerprint,
        stored.status,
        _location(call, stored.status, done),
        done.kind,
        done.no,
        done.version,
        done.operation_id,
        msgspec.Raw(_body(stored)) if keep else None,
    )


def _status(status: Status, done: Done) -> int:
    if done.operation_id is not None:
        return 202
    return 201 if done.created else _end_status(status, done)


def _end_status(status: Status, done: Done) -> int:
    return status if isinstance(status, int) else status(done)


def _location(call: _Call, status: int, done: Done) -> str | None:
    if done.operation_id is not None:
        return f"/v1/operations/{done.operation_id}"
    if call.location is None or status not in {201, 202}:
        return None
    return answers.location_of(call.location, done.no)


def _body(stored: _Stored) -> bytes:
    done = stored.done
    if done.answer is not None:
        return answers.encoded(done.answer, done.warnings)
    return answers.encoded(stored.shown.body if stored.shown else {}, done.warnings)


def _etag(version: int | None) -> Headers:
    return [(b"etag", preconditions.etag(version).encode())] if version else []


def _seen(seen: Sequence[tuple[str, str, int]]) -> Headers:
    raised = [s for s in seen if s[2] > 0]
    return [(b"koppel-seen", answers.seen_header(raised))] if raised else []
