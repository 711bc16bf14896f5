"""POS-113: returns that a till carried out while it was offline."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.refusals import Refusal, Violation
from pos_gateway.domain.acts.acting import check_state
from pos_gateway.domain.acts.cancelling import CANCELLATION
from pos_gateway.domain.acts.commands import OfflineReturn, ReturnLine
from pos_gateway.domain.acts.editing import EDITING
from pos_gateway.domain.acts.offline_returns import (
    Decided,
    decide_offline_return,
    failed,
    first_kept,
    not_counted,
    without_errors,
)
from pos_gateway.domain.acts.return_repairs import ReturnPayloadRepair, check_open, repaired_return
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.stage import Stage
from tests.unit.pos_gateway.samples import NOW, act_context, decide, line, new_act, new_order, settings

D = Decimal
SETTINGS = settings()
MAY = replace(
    SETTINGS, worker=replace(SETTINGS.worker, permissions=(*SETTINGS.worker.permissions, "edit_order"))
)
PENDING = Stage(status="pulled", received_at=NOW, updated_at=NOW)


def decided(order: CustomerOrder, stage: Stage, **changes: Any) -> Decided:
    """Of one piece for 100.00 in cash."""
    body: dict[str, Any] = {
        "operation": "return",
        "confirmation_no": order.confirmation_no,
        "worker_id": "W1",
        "invoice_no": "I-1",
        "lines": [{"line_no": 10000, "quantity": "1", "reason_code": "DAMAGED"}],
        "refunds": [{"method": "cash", "amount": "100.00"}],
    }
    taken, context = new_act(OfflineReturn, **body | changes), act_context(MAY)
    kept = first_kept(taken, context.settings, context)
    return decide_offline_return(order, stage, kept, taken, context)


def test_a_return_waits_for_the_order() -> None:
    made = decided(decide(new_order(line())), PENDING, config_version=SETTINGS.version + 1)

    assert made.status == "waiting"
    assert set(made.act.flags) >= {"unverified", "config_stale"}
    assert (made.act.settlement.refunded, made.act.refunds[0].method) == (D("100.00"), "cash")


def test_a_return_that_breaks_rules_fails_and_its_money_is_owed() -> None:
    """POS-127."""
    order = decide(new_order(line()))
    made = decided(order, replace(PENDING, status="fulfilled", sales_order_no="S-1"))
    after = made.order

    assert (made.status, [x.code for x in made.act.errors]) == ("failed", ["unknown-posted-sales-invoice"])
    assert (after.version, after.balance - order.balance) == (order.version + 1, D("100.00"))
    assert after.errors_of_returns == made.act.errors


def test_the_money_of_a_return_that_fails_again_counts_once() -> None:
    """POS-127: and not at all while it is decided anew."""
    order = decide(new_order(line()))
    stage = replace(PENDING, status="fulfilled", sales_order_no="S-1")
    made = decided(order, stage)
    again = failed(made.order, made.act, Refusal(*refused_by(made)))

    assert (again.order.refunds, again.order.balance) == (made.order.refunds, made.order.balance)
    before = not_counted(made.order, made.act)
    assert (before.refunds, before.balance, before.errors_of_returns) == ((), order.balance, ())
    given_up = without_errors(made.order, made.act)
    assert (given_up.errors_of_returns, given_up.balance) == ((), made.order.balance)


def refused_by(made: Decided) -> list[Violation]:
    return [Violation(x.code, x.detail, x.pointer) for x in made.act.errors]


def test_pos_101_a_repair_changes_what_a_return_names_line_by_line() -> None:
    taken = decided(decide(new_order(line())), PENDING).act.taken_offline
    assert taken is not None
    other, new = (ReturnLine(line_no=no, quantity=D(2), reason_code="TORN") for no in (10000, 20000))
    repaired = repaired_return(taken, ReturnPayloadRepair(invoice_no="I-2", lines=(other, new)))

    assert (repaired.invoice_no, repaired.lines) == ("I-2", (other, new))
    assert (repaired.refunds, repaired.transaction) == (taken.refunds, taken.transaction)
    assert repaired_return(taken, ReturnPayloadRepair()) == taken


@pytest.mark.parametrize("status", ["waiting", "submitting", "done", "void"])
def test_only_a_return_that_failed_is_open_to_a_person(status: str) -> None:
    check_open("failed", UUID(int=1))
    check_open("editing", UUID(int=1))
    with pytest.raises(Refusal, match="is"):
        check_open(status, UUID(int=1))


@pytest.mark.parametrize("status", ["failed", "held"])
def test_what_the_back_office_may_be_repairing_is_cancelled_but_not_edited(status: str) -> None:
    """POS-101."""
    order, stage = decide(new_order(line())), replace(PENDING, status=status)

    check_state(CANCELLATION, order, stage, SETTINGS)
    with pytest.raises(Refusal, match="does not have"):
        check_state(EDITING, order, stage, SETTINGS)
