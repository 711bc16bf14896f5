"""Warnings that a line sells more than is in stock (BC-SD-12)."""

from __future__ import annotations

from decimal import Decimal

from sales.domain.orders.stock_outs import stock_outs
from tests.unit.sales.samples import made, shipped, sold

FREE = {("STOCK", "NORTH"): Decimal(5)}


def test_bc_sd_12_a_line_finds_what_the_lines_before_it_leave() -> None:
    lines = made(sold("STOCK", "3"), sold("STOCK", "3"), sold("STOCK", "1")).lines
    short = [(line.line_no, detail) for line, detail in stock_outs(lines, FREE, {})]
    assert short == [
        (20000, "2 of item STOCK are in stock at NORTH, 3 are sold"),
        (30000, "0 of item STOCK are in stock at NORTH, 1 are sold"),
    ]


def test_bc_sd_12_flagged_lines_comments_and_what_has_left_are_never_short() -> None:
    lines = made(sold("STOCK", "9", purchasing_code="SPEC"), sold("STOCK", "9", purchasing_code="DROP")).lines
    assert list(stock_outs(lines, FREE, {})) == []
    (left,) = made(sold("STOCK", "9")).lines
    assert list(stock_outs([shipped(left)], FREE, {})) == []


def test_bc_sd_12_what_is_reserved_for_a_line_is_there_for_it() -> None:
    first, second = made(sold("STOCK", "7"), sold("STOCK", "3")).lines
    held = {first.id: Decimal(4), second.id: Decimal(9)}
    assert [line.line_no for line, _ in stock_outs([first, second], FREE, held)] == []
    held = {first.id: Decimal(1)}
    assert [detail for _, detail in stock_outs([first, second], FREE, held)] == [
        "6 of item STOCK are in stock at NORTH, 7 are sold",
        "0 of item STOCK are in stock at NORTH, 3 are sold",
    ]


def test_items_without_stock_are_never_short() -> None:
    assert list(stock_outs(made(sold("SERVICE", "9")).lines, FREE, {})) == []
