"""Payment instructions: what a till or a payment service does on cards, and what became of it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from sqlalchemy import Row, select
from starlette.responses import Response

from httpkit.acts import CreateAct
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, Listing
from httpkit.openapi import answers
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany
from httpkit.till_bodies import SmallTillBody
from pos_gateway.domain.payment_instructions.commands import Confirmation, ConfirmInstruction
from pos_gateway.http.answers.payment_instructions import PaymentInstructionAnswer, present_instruction
from pos_gateway.http.dependencies import MANAGE, TERMINAL, VisibleStore
from pos_gateway.http.filters import PaymentInstructionFilters
from pos_gateway.store.payment_instructions import instruction_of
from pos_gateway.store.tables import INSTRUCTION
from pos_gateway.use_cases.confirm_payment_instructions import confirm_payment_instructions

router = APIRouter(
    prefix="/v1/payment-instructions",
    tags=["payment instructions"],
    dependencies=[requires(TERMINAL, MANAGE)],
)


def _item(row: Row[Any]) -> PaymentInstructionAnswer:
    return present_instruction(instruction_of(row))


_LISTING: Final = Listing(
    query=select(INSTRUCTION),
    key=(INSTRUCTION.c.requested_at, INSTRUCTION.c.id),
    item=_item,
    columns=Columns({"confirmation_no": INSTRUCTION.c.confirmation_no, "status": INSTRUCTION.c.status}),
)


@router.get("", responses=answers(PaymentInstructionAnswer, items=True))
async def list_payment_instructions(
    reading: ReadMany, page: Filters[PaymentInstructionFilters], store_no: VisibleStore
) -> Response:
    """Instructions, the oldest first; a till sees those of its own store's orders."""
    own = () if store_no is None else (INSTRUCTION.c.store_no == store_no,)
    return await reading.page(page, _LISTING.where(*own))


@router.post("/{id}/confirm", responses=answers(PaymentInstructionAnswer, refuses=[404, 409]))
async def confirm_payment_instruction(
    act: CreateAct,
    id: IdInPath,  # noqa: A002 - the contract's name
    body: SmallTillBody[Confirmation],
    store_no: VisibleStore,
) -> Response:
    """Say what became of an instruction. The same outcome again changes nothing, another one is refused.

    What was captured is paid: the order's balance is less by it. A declined capture is instructed once more
    (attempt 2); declined again, the balance stays, and the order shows it in `captures`.
    """
    data = ConfirmInstruction(id, body, store_no)
    return await act.answer(await act.run(confirm_payment_instructions, data, present=present_instruction))
