"""Approvals: a manager stands beside the worker and enters a PIN."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter
from msgspec.structs import replace
from starlette.responses import Response

from domainkit.structs import extended
from httpkit.acts import CreateAct
from httpkit.auth import requires
from httpkit.idempotency import fingerprint
from httpkit.openapi import answers
from httpkit.till_bodies import SmallTillBody
from pos_gateway.domain.approvals.approval import ApprovalTerms, ApproveAct
from pos_gateway.domain.approvals.granting import check_approver
from pos_gateway.http.answers.approvals import ApprovalAnswer, present_approval
from pos_gateway.http.bodies import ApprovalBody
from pos_gateway.http.dependencies import TERMINAL, GatewayParts, InSession
from pos_gateway.http.sessions import too_many_tries
from pos_gateway.jobs.proving_workers import Proved, TooManyTries

router = APIRouter(prefix="/v1", tags=["approvals"], dependencies=[requires(TERMINAL)])


@router.post("/approvals", status_code=201, responses=answers(ApprovalAnswer, 201, refuses=[429]))
async def create_approval(
    act: CreateAct, session: InSession, body: SmallTillBody[ApprovalBody], parts: GatewayParts
) -> Response:
    """Let a manager of the store approve one operation on one order, for one amount.

    The approval is for the worker who is signed on, serves once, and expires soon.
    """
    check_approver(body.approver.worker_id, session)
    proved = await parts.proving_workers.prove(session, body.approver.worker_id, body.approver.pin)
    if isinstance(proved, TooManyTries):
        raise too_many_tries(proved.wait_s)
    act.key = replace(act.key, fingerprint=_fingerprint(body)) if act.key else None
    approve = ApproveAct(
        extended(ApprovalTerms, body), session, body.approver.worker_id, proved=isinstance(proved, Proved)
    )
    outcome = await act.run(parts.approving.approve_acts, approve, present=present_approval, status=201)
    return await act.answer(outcome)


def _fingerprint(body: ApprovalBody) -> str:
    """Without the PIN: the digest of a body that is known but for four digits would give them away."""
    return fingerprint(msgspec.json.encode(replace(body, approver=replace(body.approver, pin=""))))
