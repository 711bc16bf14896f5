"""Dependencies of routes that change something: the headers of an act, running it, and answering its outcome.

@router.post("/sales-orders/{no}/release", …)
async def release_sales_order(no: DocumentNo, act: DocumentAct) -> Response:
    outcome = await act.run(release_orders, ReleaseOrder(no=no), resource=SALES_ORDER)
    return await act.answer(outcome)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from eventkit.context import Context
from httpkit import idempotency, metrics, operations, preconditions, problems, responses, tracing
from httpkit.auth import caller_of, name_of_caller
from httpkit.commands import Answering, CommandRunner, Outcome, Stored, UseCase, end_status
from httpkit.idempotency import Key, Record
from httpkit.responses import PARKED, Headers, Json, Resource
from recordkit.commands import Command, Done

_OPERATION_GONE: Final = "the operation is not known any more"

_SAME_AGAIN: Final = "Makes a repeated request answer again instead of acting again"


def _key_header(description: str) -> Any:
    return Header(
        alias="Idempotency-Key",
        description=description,
        examples=["9f1c7f0e-6a55-4a6e-9d0c-5d2f3b1f6a01"],
    )


RequiredKey = Annotated[str, _key_header(f"{_SAME_AGAIN}: 1 to 255 printable characters.")]
OptionalKey = Annotated[str | None, _key_header(f"{_SAME_AGAIN}.")]
RehearsalKey = Annotated[
    str | None, _key_header(f"{_SAME_AGAIN}. Required unless `dry_run=true`, which changes nothing.")
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="Act only if the resource still has this version (its ETag), or one of several.",
        examples=['"7"'],
    ),
]
RequiredMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The version (ETag) that the caller has seen, or `*` for any. Required unless `dry_run=true`.",
        examples=['"7"'],
    ),
]
KoppelAfter = Annotated[
    str | None,
    Header(
        alias="Koppel-After",
        description="Wait until this service's copies are as new as these values of Koppel-Seen.",
        examples=["sales-order/S-1001@7"],
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description="wait=N: answer the end result of the operation if it comes within N seconds.",
        examples=["wait=5"],
    ),
]
DryRun = Annotated[
    bool,
    Query(description="Decide and answer, and change nothing.", examples=[True]),
]


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


async def _act(
    request: Request,
    *,
    idempotency_key: str | None = None,
    if_match: str | None = None,
    koppel_after: str | None = None,
    prefer: str | None = None,
    dry_run: bool = False,
) -> ActRequest:
    """The act of a request with these headers, once the copies that its caller has seen are here."""
    caller = name_of_caller(request)
    await wait_for_copies(request, koppel_after, caller)
    return ActRequest(
        request,
        # With a stored key the real request that follows would only be answered with the rehearsal.
        key=None if dry_run else await idempotency.key_of(request, idempotency_key, caller),
        if_match=preconditions.allowed_versions(if_match),
        wait_s=preconditions.preferred_wait_s(prefer),
        dry_run=dry_run,
    )


# The kinds of acts differ in their headers alone. FastAPI documents what the signature says, so each has its own.


async def change_act(
    request: Request, if_match: IfMatch = None, koppel_after: KoppelAfter = None
) -> ActRequest:
    """PUT and DELETE: they are idempotent by themselves, so they need no key."""
    return await _act(request, if_match=if_match, koppel_after=koppel_after)


async def unversioned_act(request: Request, koppel_after: KoppelAfter = None) -> ActRequest:
    """PUT of what has no version: the last one wins."""
    return await _act(request, koppel_after=koppel_after)


async def patch_act(
    request: Request,
    idempotency_key: OptionalKey = None,
    if_match: IfMatch = None,
    koppel_after: KoppelAfter = None,
) -> ActRequest:
    """PATCH: a key is honoured and not required."""
    return await _act(request, idempotency_key=idempotency_key, if_match=if_match, koppel_after=koppel_after)


async def patch_operation_act(
    request: Request,
    idempotency_key: OptionalKey = None,
    if_match: IfMatch = None,
    koppel_after: KoppelAfter = None,
    prefer: Prefer = None,
) -> ActRequest:
    """PATCH that may end in another service."""
    return await _act(
        request, idempotency_key=idempotency_key, if_match=if_match, koppel_after=koppel_after, prefer=prefer
    )


async def create_act(
    request: Request, idempotency_key: RequiredKey, koppel_after: KoppelAfter = None
) -> ActRequest:
    """POST to a collection, or of an act on what has no version."""
    return await _act(request, idempotency_key=idempotency_key, koppel_after=koppel_after)


async def document_act(
    request: Request,
    idempotency_key: RequiredKey,
    if_match: IfMatch = None,
    koppel_after: KoppelAfter = None,
) -> ActRequest:
    """POST of an act on one resource that ends in this service."""
    return await _act(request, idempotency_key=idempotency_key, if_match=if_match, koppel_after=koppel_after)


async def operation_act(
    request: Request,
    idempotency_key: RequiredKey,
    if_match: IfMatch = None,
    koppel_after: KoppelAfter = None,
    prefer: Prefer = None,
) -> ActRequest:
    """POST of an act that may end in another service."""
    return await _act(
        request, idempotency_key=idempotency_key, if_match=if_match, koppel_after=koppel_after, prefer=prefer
    )


async def rehearsable_act(
    request: Request,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
    idempotency_key: RehearsalKey = None,
    if_match: IfMatch = None,
    koppel_after: KoppelAfter = None,
) -> ActRequest:
    """POST of an act that `dry_run=true` only rehearses; a key is required unless it does."""
    if idempotency_key is None and not dry_run:
        raise idempotency.missing_key()
    return await _act(
        request,
        idempotency_key=idempotency_key,
        if_match=if_match,
        koppel_after=koppel_after,
        dry_run=dry_run,
    )


async def exact_act(
    request: Request,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
    idempotency_key: RehearsalKey = None,
    if_match: RequiredMatch = None,
    koppel_after: KoppelAfter = None,
) -> ActRequest:
    """The same, where the caller must say which version it acts on (428): two callers may act at once."""
    act = await rehearsable_act(request, dry_run, idempotency_key, if_match, koppel_after)
    if if_match is None and not dry_run:
        detail = "send the ETag of what you have seen as If-Match"
        raise problems.refusal(428, "precondition-required", detail)
    return act


async def rehearsable_operation_act(
    request: Request,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
    idempotency_key: RehearsalKey = None,
    if_match: IfMatch = None,
    koppel_after: KoppelAfter = None,
    prefer: Prefer = None,
) -> ActRequest:
    """POST of an act that may end in another service, which `dry_run=true` only rehearses."""
    if idempotency_key is None and not dry_run:
        raise idempotency.missing_key()
    return await _act(
        request,
        idempotency_key=idempotency_key,
        if_match=if_match,
        koppel_after=koppel_after,
        prefer=prefer,
        dry_run=dry_run,
    )


async def rehearsable_create_act(
    request: Request,
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
    idempotency_key: RehearsalKey = None,
    koppel_after: KoppelAfter = None,
) -> ActRequest:
    """POST to a collection that `dry_run=true` only rehearses."""
    return await rehearsable_act(request, dry_run, idempotency_key, None, koppel_after)


ChangeAct = Annotated[ActRequest, Depends(change_act)]
UnversionedAct = Annotated[ActRequest, Depends(unversioned_act)]
PatchAct = Annotated[ActRequest, Depends(patch_act)]
PatchOperationAct = Annotated[ActRequest, Depends(patch_operation_act)]
CreateAct = Annotated[ActRequest, Depends(create_act)]
DocumentAct = Annotated[ActRequest, Depends(document_act)]
OperationAct = Annotated[ActRequest, Depends(operation_act)]
RehearsableAct = Annotated[ActRequest, Depends(rehearsable_act)]
ExactAct = Annotated[ActRequest, Depends(exact_act)]
RehearsableOperationAct = Annotated[ActRequest, Depends(rehearsable_operation_act)]
RehearsableCreateAct = Annotated[ActRequest, Depends(rehearsable_create_act)]
