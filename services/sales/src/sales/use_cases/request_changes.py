"""Change lines together with their purchases: operations that purchasing decides where something may be bought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.refusals import Refusal
from domainkit.references import ReferenceQuery
from eventkit import operations
from eventkit.context import Context
from eventkit.operations import Finished, Started
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.orders.change_requests import ChangeAsked, request_change
from sales.domain.orders.commands import HeaderChanges, LineChanges, RequestLineChange
from sales.domain.orders.header_changes import need_header_changes
from sales.domain.orders.line_changes import need_line_changes
from sales.domain.orders.order import Order
from sales.store import change_requests
from sales.store.change_requests import ChangeRequest
from sales.use_cases.locked_orders import LockedOrders, lock_orders

OPERATION: Final = "change-request"


class ChangedLine(msgspec.Struct, frozen=True, kw_only=True):
    """The line that was changed, and the one that sells what its purchase could not take."""

    sales_order_no: str
    line_no: int
    accepted_as_line: int | None = None


class AskedChanges:
    """The change requests of a batch of commands: each is an operation, and kept to be read later."""

    def __init__(self, orders: LockedOrders) -> None:
        self._orders = orders
        self._asked: list[ChangeAsked] = []

    def put(self, asked: ChangeAsked, context: Context) -> Done:
        """Keep the outcome of a request; one that needs no other service has ended when it is answered."""
        self._asked.append(asked)
        happened = "change_requested" if asked.is_pending else "line_changed"
        done = self._orders.put(asked.order, context, happened)
        return replace(done, operation_id=asked.id)

    async def store(self, tx: Transaction) -> None:
        """Write the requests and their operations."""
        if not self._asked:
            return
        requests = [
            ChangeRequest(
                id=asked.id, sales_order_no=asked.order.no, line_no=asked.line_no, wanted=asked.wanted
            )
            for asked in self._asked
        ]
        await change_requests.insert(tx, requests)
        await operations.start(tx, [Started(each.id, OPERATION, each.sales_order_no) for each in requests])
        ended = [each for each in self._asked if not each.is_pending]
        await operations.finish(tx, [succeeded(each.id, each.order.no, each.line_no) for each in ended])


def succeeded(
    request_id: UUID, sales_order_no: str, line_no: int, accepted_as_line: int | None = None
) -> Finished:
    """The end of a request that was accepted; `accepted_as_line`: a new line sells the difference."""
    result = ChangedLine(sales_order_no=sales_order_no, line_no=line_no, accepted_as_line=accepted_as_line)
    return Finished(request_id, "succeeded", result=msgspec.structs.asdict(result))


async def request_changes(
    tx: Transaction, commands: Sequence[Command[RequestLineChange]]
) -> list[Done | Refusal]:
    """Change lines together with their purchases (G5)."""
    orders = await lock_orders(tx, commands, _need)
    asked = AskedChanges(orders)

    def decide(command: Command[RequestLineChange]) -> Done:
        order, data = orders.addressed(command), command.data
        line = order.line(data.line_no)
        return asked.put(request_change(order, line, data.wanted, orders.context), command.context)

    results = decide_each(commands, decide)
    await orders.store(tx)
    await asked.store(tx)
    return results


def _need(query: ReferenceQuery, data: RequestLineChange, order: Order) -> None:
    wanted = data.wanted
    need_line_changes(query, order, data.line_no, LineChanges(location_code=wanted.location_code))
    need_header_changes(query, order, HeaderChanges(ship_to_code=wanted.ship_to_code))
