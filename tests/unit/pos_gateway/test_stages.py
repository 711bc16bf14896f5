"""How far an order has come (POS-105)."""

from __future__ import annotations

import pytest

from contracts.channel import ChannelTransaction
from pos_gateway.domain.orders.stages import FOLLOWS_SALES, first_status, status_after
from tests.unit.pos_gateway.samples import TRANSACTION_ID, decide, line, new_order, settings


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pulled", "pulled"),
        ("editing", "failed"),
        ("succeeded", "synchronized"),
        ("failed", "failed"),
        ("dead", "failed"),
        ("held", "held"),
        ("void", "void"),
        ("a word of a later version", None),
    ],
)
def test_point_11_the_status_follows_sales(word: str, status: str | None) -> None:
    transaction = ChannelTransaction(
        version=1, confirmation_no="K-1", transaction_id=TRANSACTION_ID, store_no="S1", status=word
    )

    assert status_after(transaction) == status


def test_pos_105_what_the_gateway_decided_itself_does_not_follow() -> None:
    assert not {"cancelled", "partly_fulfilled", "fulfilled", "closed"} & set(FOLLOWS_SALES)


def test_an_order_waits_to_be_pulled_or_sales_is_asked() -> None:
    assert first_status(decide(new_order(line()))) == "pending"
    assert first_status(decide(new_order(line()), settings("synchronous"))) == "submitting"
    assert first_status(decide(new_order(line()), settings("backup"))) == "submitting"
