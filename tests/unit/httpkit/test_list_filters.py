"""Query parameters of lists."""

from __future__ import annotations

from httpkit.lists import ListFilters


class OrderFilters(ListFilters, frozen=True, kw_only=True):
    status: str = ""
    overdue: bool | None = None


def test_filters_that_are_blank_or_left_out_filter_nothing() -> None:
    assert OrderFilters(limit=10, cursor="x", status="").given() == {}


def test_a_filter_may_ask_for_what_is_false() -> None:
    assert OrderFilters(status="open", overdue=False).given() == {"status": "open", "overdue": False}
