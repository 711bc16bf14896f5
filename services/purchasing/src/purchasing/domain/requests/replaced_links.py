"""A special order whose received goods were given to another sale is bought again: its link gives way (E5)."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from purchasing.domain.orders.order import Order


def without_received_link(order: Order, sales_line_id: UUID, generation: int) -> Order:
    """The order whose line for an earlier generation is here in full and binds the sales line no more.

    What is still to come keeps its link: then the line is not bought again.
    """
    return order.with_lines(
        replace(line, link=replace(link, active=False, replaced=True))
        for line in order.linked_lines
        if (link := line.active_link) is not None
        and link.sales.sales_line_id == sales_line_id
        and link.sales.generation < generation
        and not line.outstanding_quantity
    )
