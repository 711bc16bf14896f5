"""Dependencies of routes that change something, one for each kind of act."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from httpkit import idempotency, preconditions, problems
from httpkit.act_headers import (
    DryRun,
    IfMatch,
    KoppelAfter,
    OptionalKey,
    Prefer,
    RehearsalKey,
    RequiredKey,
    RequiredMatch,
)
from httpkit.act_requests import ActRequest, wait_for_copies
from httpkit.auth import name_of_caller


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
