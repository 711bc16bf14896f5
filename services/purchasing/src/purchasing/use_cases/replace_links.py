"""Links that give way to a new purchase, because their goods came and were given to another sale."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.planning.requests import PurchaseRequest
from eventkit.consumer import Change
from eventkit.transaction import Transaction
from purchasing.domain.links import LinkRow, ended_links
from purchasing.domain.requests.replaced_links import without_received_link
from purchasing.store import links
from purchasing.use_cases.locked_orders import lock_orders, store_orders


async def replace_links(tx: Transaction, batch: Iterable[Change[PurchaseRequest]]) -> None:
    """End them before the requests are decided; one that comes again finds links of its own generation (E5)."""
    asked = [
        (line.sales, change.context)
        for change in batch
        for line in change.new.lines
        if line.replaces_received and line.sales is not None
    ]
    if not asked:
        return
    # Read without a lock to find the orders to lock; the decision looks at the link on the locked order.
    places = await links.linked_lines(tx, (sales.sales_line_id for sales, _ in asked))
    locked = await lock_orders(tx, (place.order_no for place in places.values()))
    ended: list[LinkRow] = []
    for sales, context in asked:
        place = places.get(sales.sales_line_id)
        order = locked.by_no.get(place.order_no) if place is not None else None
        if order is not None:
            after = without_received_link(order, sales.sales_line_id, sales.generation)
            ended += ended_links(order, after)
            locked.put(after, context, "link_ended")
    await links.end(tx, ended)
    await store_orders(tx, locked)
