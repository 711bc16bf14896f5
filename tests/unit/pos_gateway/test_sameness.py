"""A transaction that comes again is compared by its values (POS-86)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from pos_gateway.domain.orders.sameness import content_of
from tests.unit.pos_gateway.samples import line, new_order


def content(quantity: Any = "1", **changes: Any) -> str:
    return content_of(new_order(line(quantity=quantity), **changes))


@pytest.mark.parametrize("quantity", ["1.0", "1.00000", 1, 1.0, "+1", "01"])
def test_a_quantity_written_in_another_way_is_the_same(quantity: Any) -> None:
    assert content(quantity) == content()


@pytest.mark.parametrize("quantity", ["10", "1.01", "1.10"])
def test_another_quantity_is_another_content(quantity: str) -> None:
    assert content(quantity) != content()


def test_an_instant_is_the_same_in_every_time_zone() -> None:
    def at(text: str) -> str:
        return content(occurred_at=datetime.fromisoformat(text))

    assert at("2026-03-02T10:15:00+01:00") == at("2026-03-02T09:15:00Z")
    assert at("2026-03-02T10:15:00+01:00") != at("2026-03-02T10:15:00Z")


def test_what_is_left_out_is_the_same_as_null() -> None:
    assert content(receipt_no=None) == content()


def test_a_text_is_compared_as_it_is() -> None:
    assert content(external_reference='a":1.0,') != content(external_reference='a":1,')
    assert content(external_reference="1.0") != content(external_reference="1")
