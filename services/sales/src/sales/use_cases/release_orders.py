"""Release orders, which starts procurement, and reopen them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contracts.refusals import Refusal
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, Notice
from sales.domain.drafts import OrderNo, ReleaseOrder
from sales.domain.orders import Order
from sales.domain.releasing import Purchase, Release, release, reopen
from sales.use_cases.order_acts import Scene, change_orders


class WouldBuy(msgspec.Struct, frozen=True, kw_only=True):
    """What a release would make planning buy; the answer of a dry run."""

    sales_order_no: str
    purchases: tuple[Purchase, ...]
    warnings: tuple[Notice, ...] = ()


async def release_orders(tx: Transaction, commands: Sequence[Command[ReleaseOrder]]) -> list[Done | Refusal]:
    """Release orders; an order that is released already stays as it is. A dry run is rolled back by the edge."""
    releases: dict[str, Release] = {}

    def decide(order: Order, _: ReleaseOrder, scene: Scene) -> tuple[Order, str]:
        decided = releases[order.no] = release(order, scene.refs)
        return decided.order, "released"

    results = await change_orders(tx, commands, decide)
    return [
        _answered(result, command.data, releases) for result, command in zip(results, commands, strict=True)
    ]


def _answered(result: Done | Refusal, asked: ReleaseOrder, releases: dict[str, Release]) -> Done | Refusal:
    if isinstance(result, Refusal):
        return result
    decided = releases[result.no]
    warnings = tuple(Notice(remark.code, remark.detail, remark.line_no) for remark in decided.remarks)
    if not asked.dry_run:
        return msgspec.structs.replace(result, warnings=warnings)
    answer = WouldBuy(sales_order_no=result.no, purchases=decided.purchases, warnings=warnings)
    return msgspec.structs.replace(result, answer=answer, warnings=())


async def reopen_orders(tx: Transaction, commands: Sequence[Command[OrderNo]]) -> list[Done | Refusal]:
    """Open orders for edits again; the demand of their lines stands."""

    def decide(order: Order, _: OrderNo, __: Scene) -> tuple[Order, str]:
        after = reopen(order)
        return (order if after.status == order.status else after), "reopened"

    return await change_orders(tx, commands, decide)
