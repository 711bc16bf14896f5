"""Decides whether a manager's approval is given (POS-118, POS-120; B22)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.refusals import Violations, forbidden
from domainkit.money import currency
from domainkit.structs import extended
from pos_gateway.domain.approvals.approval import (
    AT_ANY_STORE,
    OF_AN_AMOUNT,
    Approval,
    ApprovalTerms,
    ApproveAct,
)
from pos_gateway.domain.orders.amounts import check_amount
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.domain.setup.records import MANAGER
from pos_gateway.domain.terminals.sessions import TillSession


def check_approver(approver_id: str, asks: TillSession) -> None:
    """Two persons decide: a manager cannot approve the own request (POS-118)."""
    if approver_id == asks.worker_id:
        detail = "the approver must be another person than the worker who asks"
        raise forbidden("approver-same-as-requester", detail, pointer="/approver/worker_id")


def decide_approval(
    asked: ApproveAct,
    configuration: Configuration,
    order: CustomerOrder | None,
    *,
    new_id: UUID,
    now: datetime,
    holds_for: timedelta,
) -> Approval:
    """The approval; refused if it is not this manager's to give, or could never be used.

    `order`: the one that the terms name, if there is one of this number.
    """
    terms, asks = asked.terms, asked.asks
    check_approver(asked.approver_id, asks)
    if not asked.proved:
        raise forbidden("wrong-pin", "approver or PIN is wrong", pointer="/approver/pin")
    approver = configuration.workers.get(asked.approver_id)
    if (
        approver is None
        or approver.blocked
        or approver.role != MANAGER
        or not approver.works_at(asks.store_no)
    ):
        detail = f"{asked.approver_id} is no manager of store {asks.store_no}"
        raise forbidden("approver-not-manager", detail, pointer="/approver/worker_id")
    found = Violations()
    _check_amount(found, terms, configuration.stores[asks.store_no].currency_code)
    _check_subject(found, terms, asks, order)
    found.refuse_if_any()
    return extended(
        Approval,
        terms,
        id=new_id,
        requested_by=asks.worker_id,
        approved_by=approver.id,
        approved_at=now,
        expires_at=now + holds_for,
    )


def _check_amount(found: Violations, terms: ApprovalTerms, currency_code: str) -> None:
    if terms.amount is not None:
        check_amount(found, terms.amount, currency(currency_code), "/amount")
    elif terms.operation in OF_AN_AMOUNT:
        found.invalid("required", f"an approval of {terms.operation} names the amount", "/amount")


def _check_subject(
    found: Violations, terms: ApprovalTerms, asks: TillSession, order: CustomerOrder | None
) -> None:
    """Exactly one order or transaction; a till sees to its own."""
    identity = terms.transaction
    if (terms.confirmation_no is None) == (identity is None):
        detail = "name the order, or the transaction that makes it"
        found.invalid("required", detail, "/confirmation_no")
    if identity is not None and (identity.store_no, identity.terminal_no) != (
        asks.store_no,
        asks.terminal_no,
    ):
        detail = f"this token is of terminal {asks.terminal_no} of store {asks.store_no}"
        found.forbidden("terminal-mismatch", detail, "/transaction")
    at_any_store = terms.operation in AT_ANY_STORE
    if terms.confirmation_no and (order is None or not (at_any_store or order.is_seen_by(asks.store_no))):
        found.unknown("customer-order", terms.confirmation_no, "/confirmation_no")
