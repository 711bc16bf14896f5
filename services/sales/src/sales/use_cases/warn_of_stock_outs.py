"""Warnings that lines sell more than is in stock, for answers of acts on orders (BC-SD-12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Done, Notice
from sales.domain.orders.context import ReservedQuantities
from sales.domain.orders.lines import Line
from sales.domain.orders.stock_outs import FreeStock, place_of, sold_from_stock, stock_outs
from sales.store.stock import free_stock

NOT_AVAILABLE: Final = "not-available"


async def warn_of_stock_outs(
    tx: Transaction,
    results: Sequence[Done | Refusal],
    lines: Sequence[Sequence[Line]],
    reserved: ReservedQuantities,
) -> list[Done | Refusal]:
    """The results with warnings about these lines, a list for each result.

    `reserved`: what planning holds for the lines. Judged by the copies of planning's stock, which may be late: nothing
    is refused by them.
    """
    done = [each for result, each in zip(results, lines, strict=True) if isinstance(result, Done)]
    free = await free_stock(tx, (place_of(line) for each in done for line in sold_from_stock(each)))
    return [
        replace(result, warnings=(*result.warnings, *_notices(each, free, reserved)))
        if isinstance(result, Done) and free
        else result
        for result, each in zip(results, lines, strict=True)
    ]


def _notices(lines: Sequence[Line], free: FreeStock, reserved: ReservedQuantities) -> list[Notice]:
    found = stock_outs(lines, free, reserved)
    return [Notice(NOT_AVAILABLE, detail, line.line_no) for line, detail in found]
