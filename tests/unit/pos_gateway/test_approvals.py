"""A manager's approvals: POS-117 to POS-120, B22."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from contracts.pos import TransactionIdentity
from contracts.refusals import Refusal, Violations
from pos_gateway.domain.approvals.approval import Approval, ApprovalTerms, ApproveAct
from pos_gateway.domain.approvals.granting import decide_approval
from pos_gateway.domain.approvals.using import GivenApprovals
from pos_gateway.domain.orders.create_order import decide_order
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.order_money import Override
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import Worker
from pos_gateway.domain.terminals.sessions import TillSession
from tests.unit.pos_gateway.samples import (
    NOW,
    OTHER,
    STORE,
    TODAY,
    WORKER,
    context,
    decide,
    found_in,
    line,
    new_order,
    reasons,
    settings,
)

ID = UUID(int=7)
FIFTY = Decimal(50)
ASKS = TillSession(store_no="S1", terminal_no="T1", worker_id="W1")
HERE = TransactionIdentity(store_no="S1", terminal_no="T1", business_date=TODAY, sequence=1)
TERMS = ApprovalTerms(operation="deposit_override", amount=FIFTY, reason="Regular customer", transaction=HERE)
LEA = Worker(id="LEA", role="manager", store_nos=("S1",))
APPROVAL = Approval(
    id=ID,
    operation="deposit_override",
    amount=FIFTY,
    reason="Regular customer",
    transaction=HERE,
    requested_by="W1",
    approved_by="LEA",
    approved_at=NOW,
    expires_at=NOW,
)


WANTED = Override(operation="deposit_override", requested_by="W1", to_amount=FIFTY, at=NOW)


def approve(
    terms: ApprovalTerms = TERMS, *, by: Worker = LEA, order: CustomerOrder | None = None
) -> Approval:
    configuration = Configuration(
        revision=1, version=1, stores={"S1": STORE, "S2": OTHER}, workers={by.id: by, "W1": WORKER}
    )
    asked = ApproveAct(terms, ASKS, by.id, proved=True)
    minutes = timedelta(minutes=15)
    return decide_approval(asked, configuration, order, new_id=ID, now=NOW, holds_for=minutes)


@contextmanager
def refused(*expected: tuple[str, str]) -> Iterator[None]:
    with pytest.raises(Refusal) as refusal:
        yield
    assert reasons(refusal.value) == list(expected)


def required(
    approval: Approval, *, by: str = "W1", transaction: TransactionIdentity = HERE, confirmation_no: str = ""
) -> list[tuple[str, str]]:
    """What is found wrong when a worker uses the approval for a deposit of 50."""
    given = GivenApprovals(
        open={ID: approval}, ids=(ID,), by=by, transaction=transaction, confirmation_no=confirmation_no
    )
    found = Violations()
    given.check(found)
    given.require(found, WANTED, FIFTY, "/deposit_override")
    return found_in(found)


def test_pos_120_an_approval_holds_for_a_while_and_names_both_persons() -> None:
    approval = approve()

    assert (approval.requested_by, approval.approved_by) == ("W1", "LEA")
    assert approval.expires_at - NOW == timedelta(minutes=15)


def test_pos_118_a_manager_does_not_approve_the_own_request() -> None:
    with refused(("approver-same-as-requester", "/approver/worker_id")):
        approve(by=replace(LEA, id="W1"))


@pytest.mark.parametrize("change", [{"role": "lead"}, {"blocked": True}, {"store_nos": ("S2",)}])
def test_b22_only_a_manager_of_the_store_approves(change: dict[str, object]) -> None:
    with refused(("approver-not-manager", "/approver/worker_id")):
        approve(by=replace(LEA, **change))


def test_an_approval_of_an_amount_names_it_and_exactly_one_order() -> None:
    with refused(("required", "/amount"), ("required", "/confirmation_no")):
        approve(replace(TERMS, amount=None, transaction=None))


def test_an_approval_is_for_a_transaction_of_the_own_terminal() -> None:
    with refused(("terminal-mismatch", "/transaction")):
        approve(replace(TERMS, transaction=replace(HERE, terminal_no="T2")))


@pytest.mark.parametrize(("operation", "is_seen"), [("deposit_override", False), ("refund_shipping", True)])
def test_pos_121_another_store_s_order_is_unknown_except_for_returns(
    operation: str, *, is_seen: bool
) -> None:
    order = decide(new_order(line()))
    elsewhere = replace(
        order,
        transaction=replace(HERE, store_no="S3"),
        lines=tuple(replace(each, pickup_store_no="S3") for each in order.lines),
    )
    terms = replace(TERMS, operation=operation, confirmation_no="K-1", transaction=None)

    if is_seen:
        assert approve(terms, order=elsewhere).confirmation_no == "K-1"
    else:
        with refused(("unknown-customer-order", "/confirmation_no")):
            approve(terms, order=elsewhere)


def test_pos_117_a_worker_without_the_permission_uses_the_manager_s_approval() -> None:
    at = replace(settings(), worker=replace(WORKER, permissions=("create_order", "pickup_lines")))
    new = new_order(
        line(),
        deposit_override="50.00",
        approval_ids=[str(ID)],
        payments=[{"method": "cash", "amount": "50.00"}],
    )

    order = decide_order(new, replace(context(at), approvals={ID: APPROVAL}))

    (record,) = order.overrides
    assert (record.approved_by, record.reason, record.approval_id) == ("LEA", "Regular customer", ID)
    with refused(("manager-approval-required", "/approval_ids/0")):
        decide_order(new, context(at))
    with refused(("manager-approval-required", "/deposit_override")):
        decide_order(replace(new, approval_ids=()), context(at))


def test_pos_120_a_rehearsal_names_the_approval_that_is_missing() -> None:
    """The till shows the amounts before it asks the manager; an id of another's approval is refused all the same."""
    rehearsed = GivenApprovals(by="W1", transaction=HERE, rehearsed=True)
    found = Violations()

    missing = rehearsed.require(found, WANTED, FIFTY, "/deposit_override")
    given = replace(rehearsed, open={ID: APPROVAL}, ids=(ID,)).require(found, WANTED, FIFTY, "")
    replace(rehearsed, ids=(ID,)).check(found)

    assert (missing.approval_required, missing.approved_by) == (True, "")
    assert (given.approval_required, given.approved_by) == (False, "LEA")
    assert found_in(found) == [("manager-approval-required", "/approval_ids/0")]


def test_pos_120_an_approval_is_for_one_worker_operation_order_and_amount() -> None:
    """B22."""
    not_ours = ("manager-approval-required", "/approval_ids/0")
    missing = ("manager-approval-required", "/deposit_override")
    of_order = replace(APPROVAL, transaction=None, confirmation_no="K-1")

    assert required(APPROVAL) == []
    assert required(APPROVAL, by="W2") == [not_ours, missing]
    assert required(APPROVAL, transaction=replace(HERE, sequence=2)) == [not_ours, missing]
    assert required(replace(APPROVAL, amount=Decimal("50.01"))) == [missing]
    assert required(replace(APPROVAL, operation="refund_shipping")) == [missing]
    assert required(of_order, confirmation_no="K-1") == []
    assert required(of_order, confirmation_no="K-2") == [not_ours, missing]
    assert required(of_order) == [not_ours, missing]
