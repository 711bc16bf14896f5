"""A request that changes something: its caller, key and versions, how it runs and how its outcome is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from eventkit.context import Context
from httpkit import metrics, operations, problems, responses, tracing
from httpkit.auth import caller_of, name_of_caller
from httpkit.commands import Answering, CommandRunner, Outcome, Stored, UseCase, end_status
from httpkit.idempotency import Key, Record
from httpkit.responses import PARKED, Headers, Json, Resource
from recordkit.commands import Command, Done

_OPERATION_GONE: Final = "the operation is not known any more"

_SAME_AGAIN: Final = "Makes a repeated request answer again instead of acting again"


def command_runner(request: Request) -> CommandRunner:
    """The application's command runner."""
    runner: CommandRunner = request.app.state.commands
    return runner


class ActRequest:
    """A request that changes something: its caller, key and the versions that it may change.

    `run` raises what refuses the act; `answer` makes the response of its outcome.
    """

    def __init__(
        self,
        request: Request,
        *,
        key: Key | None = None,
        if_match: frozenset[int] = frozenset(),
        wait_s: float = 0.0,
        dry_run: bool = False,
    ) -> None:
        self.runner = command_runner(request)
        self.context: Context = context_of(request)
        self.key = key
        self.dry_run = dry_run
        self._if_match = if_match
        self.wait_s = wait_s
        self._caller = name_of_caller(request)

    async def run(
        self,
        use_case: UseCase,
        data: Any,
        *,
        resource: Resource | None = None,
        present: Callable[[Any], Any] | None = None,
        status: int | Callable[[Done], int] | None = None,
    ) -> Outcome:
        """Run the act with others of its use case in one transaction, and store its key and answer there.

        See `Answering` for `resource`, `present` and `status`. A dry run is decided and rolled back.
        """
        command = Command(data, self.context, self._if_match)
        answering = Answering(resource, present, status)
        if self.dry_run:
            return await self.runner.rehearse(use_case, command, answering)
        return await self.runner.run(use_case, command, self.key, answering)

    async def execute(self, use_case: UseCase, data: Any) -> Done:
        """Run a step of a longer request; no key is stored for it."""
        return await self.runner.execute(use_case, Command(data, self.context, self._if_match))

    async def replay(self, resource: Resource) -> Outcome | None:
        """What the request's key was answered before; None if it is new."""
        return await self.runner.replay(self.key, Answering(resource))

    async def answer(self, outcome: Outcome) -> Response:
        """The response: of a new outcome what was stored with it, of a repeated one the resource as it is now."""
        if isinstance(outcome.result, Record):
            metrics.REPLAYED.inc()
            return await self._answer_again(outcome.answering, outcome.result)
        return await self._answer_new(outcome.answering, outcome.result)

    async def _answer_new(self, answering: Answering, stored: Stored) -> Response:
        done = stored.done
        headers = responses.seen_headers(((done.kind, done.no, done.version), *done.seen))
        if done.operation_id is not None:
            return await self._answer_operation(done.operation_id, end_status(answering), headers)
        # The version of the body, not of the act: a resource without versions has no ETag.
        headers += responses.etag_headers(stored.version)
        if stored.location is not None:
            headers.append((b"location", stored.location.encode()))
        return Json(stored.body, stored.status, headers)

    async def _answer_again(self, answering: Answering, record: Record) -> Response:
        headers: Headers = [(b"idempotency-replayed", b"true")]
        seen = responses.seen_headers([(record.kind or "", record.no or "", record.version)])
        if record.operation_id is not None:
            return await self._answer_operation(record.operation_id, end_status(answering), headers + seen)
        if record.location is not None:
            headers.append((b"location", record.location.encode()))
        if record.answer is not None or answering.resource is None or record.no is None:
            headers += seen + responses.etag_headers(record.version or None)
            return Json(bytes(record.answer) if record.answer is not None else b"", record.status, headers)
        # The resource as it is now, not as it was: with the old ETag the caller's next If-Match would fail.
        async with self.runner.database.read() as conn:
            shown = await answering.resource.read(conn, record.no)
        # 404 would read as "never happened", and the caller might send the request again under a new key.
        if shown is None:
            gone = f"{record.no} was made by this request and has been deleted since"
            return problems.respond(problems.refusal(410, "deleted", gone), {"Idempotency-Replayed": "true"})
        headers += responses.seen_headers([(record.kind or "", record.no, shown.version or 0)])
        return responses.json_response(
            shown.body, record.status, headers + responses.etag_headers(shown.version)
        )

    async def _answer_operation(self, id_: Any, status: int, headers: Headers) -> Response:
        waiting = self.wait_s
        ended = await self.runner.operations.ended(id_, waiting, self._caller) if waiting else None
        if ended is not None:
            return operations.end_result(ended, status, headers)
        running = await self.runner.operations.find(id_)
        if running is None:
            return problems.respond(problems.refusal(410, "operation-gone", _OPERATION_GONE))
        return operations.accepted(running, headers)


def context_of(request: Request) -> Context:
    """Who asks, and the trace and correlation of the request."""
    principal = caller_of(request)
    return tracing.context_of(request, principal.subject if principal else "anonymous")


async def wait_for_copies(request: Request, koppel_after: str | None, caller: str) -> None:
    """Wait for what `Koppel-After` names; the answer's `Koppel-Parked` names what is parked here, and does not come."""
    parked = await command_runner(request).copies.wait_for(koppel_after, caller)
    if parked:
        request.scope[PARKED] = parked
