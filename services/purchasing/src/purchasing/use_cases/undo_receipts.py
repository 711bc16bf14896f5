"""People take posted receipts back. With a linked line it is an operation to which sales has to agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from contracts.purchasing.orders import PurchaseLink
from contracts.refusals import Refusal, not_found
from eventkit import operations
from eventkit.ids import new_id
from eventkit.operations import Started
from eventkit.transaction import Transaction
from purchasing.domain.orders.commands import UndoReceipt
from purchasing.domain.orders.order import Order
from purchasing.domain.orders.posted_receipts import undone_receipt
from purchasing.domain.orders.undoing import undo_receipt
from purchasing.store import receipts, sales_orders
from purchasing.use_cases.locked_orders import lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each

OPERATION = "undo-receipt"
KIND = "posted-purchase-receipt"


async def undo_receipts(tx: Transaction, commands: Sequence[Command[UndoReceipt]]) -> list[Done | Refusal]:
    """Take receipts back, all named lines or none (G3, BC-DS-38, BC-SO-35)."""
    nos = {command.data.no for command in commands}
    found = await receipts.read(tx, nos)
    locked = await lock_orders(tx, (receipt.purchase_order_no for receipt in found.values()))
    # Read again under the orders' locks: what is taken back changes documents only there.
    documents = await receipts.read(tx, found)
    # Read under the locks too: a deletion that comes later finds the pending undo, and ends it.
    deleted = await sales_orders.deleted(
        tx, (link.sales.sales_order_no for link in _links(locked.by_no.values()))
    )
    started: list[Started] = []
    undone: dict[str, set[UUID]] = {}

    def decide(command: Command[UndoReceipt]) -> Done:
        receipt = documents.get(command.data.no)
        if receipt is None:
            raise not_found(KIND, command.data.no)
        command.check_version(receipt.no, receipt.version)
        order = locked.by_no[receipt.purchase_order_no]
        decided = undo_receipt(order, receipt, command.data.undo.lines, new_id(), deleted)
        if decided.pending is not None:
            locked.put(decided.order, command.context, "undo_requested")
            started.append(Started(decided.pending.id, OPERATION, receipt.no))
            return Done(KIND, receipt.no, operation_id=decided.pending.id)
        locked.put(decided.order, command.context, "receipt_undone")
        undone.setdefault(receipt.no, set()).update(decided.posting_ids)
        # The next command of the batch sees the document as it is after this one.
        documents[receipt.no] = undone_receipt(receipt, decided.posting_ids)
        return Done(KIND, receipt.no, answer=documents[receipt.no])

    results = decide_each(commands, decide)
    await receipts.undo(tx, undone)
    await store_orders(tx, locked)
    await operations.start(tx, started)
    return results


def _links(orders: Iterable[Order]) -> list[PurchaseLink]:
    return [link for order in orders for line in order.live_lines if (link := line.answering_link)]
