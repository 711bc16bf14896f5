"""The entries of a terminal's journal: what each transaction took and gave back (POS-127)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import Amount, choice
from contracts.pos import ConfirmationNo, PaymentMethod, Tender, TerminalNo, TransactionIdentity
from domainkit.money import ZERO, Currency
from pos_gateway.domain.acts.act import TillAct
from pos_gateway.domain.orders.order import CustomerOrder


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Money that a transaction moved. A payment is net of its change, so all entries add up to the drawer."""

    terminal_no: TerminalNo
    sequence: Annotated[
        int, Meta(description="The terminal's count of that day's transactions.", examples=[17])
    ]
    confirmation_no: Annotated[
        ConfirmationNo | None, Meta(description="The order; null for a return without one.", examples=["K-1"])
    ]
    kind: Annotated[
        str,
        choice("payment", "refund"),
        Meta(description="Whether it came in or went out.", examples=["payment"]),
    ]
    method: PaymentMethod
    amount: Annotated[Amount, Meta(description="Below 0: given back.", examples=["-20.00"])]


class JournalTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of a journal's entries, per kind of money."""

    cash: Annotated[Amount, Meta(description="What is in the drawer of the day.", examples=["120.00"])]
    card: Annotated[Amount, Meta(description="Card payments less refunds.", examples=["80.00"])]
    account: Annotated[Amount, Meta(description="What was put on customers' accounts.", examples=["0"])]


def entries_of_order(order: CustomerOrder, paid_by_acts: int) -> Iterator[JournalEntry]:
    """Of the transaction that made the order. `paid_by_acts`: how many of its payments later acts have added."""
    own = order.payments[: len(order.payments) - paid_by_acts]
    return _entries(order.transaction, order.confirmation_no, own, ())


def entries_of_act(act: TillAct, confirmation_no: str) -> Iterator[JournalEntry]:
    """Of a later transaction on an order, or of a return without one."""
    return _entries(act.transaction, confirmation_no or None, act.payments, act.refunds)


def totals_of(entries: Iterable[JournalEntry], currency: Currency) -> JournalTotals:
    """The sums of entries per kind of money; a kind without entries has 0."""
    sums = dict.fromkeys(("cash", "card", "account"), currency.rounded(ZERO))
    for entry in entries:
        sums[entry.method] += entry.amount
    return JournalTotals(**sums)


def _entries(
    identity: TransactionIdentity,
    confirmation_no: str | None,
    payments: Iterable[Tender],
    refunds: Iterable[Tender],
) -> Iterator[JournalEntry]:
    for kind, sign, tenders in (("payment", Decimal(1), payments), ("refund", Decimal(-1), refunds)):
        for tender in tenders:
            yield JournalEntry(
                terminal_no=identity.terminal_no,
                sequence=identity.sequence,
                confirmation_no=confirmation_no,
                kind=kind,
                method=tender.method,
                amount=sign * tender.amount,
            )
