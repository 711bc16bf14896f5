"""A sales quote: header and lines of an order that nothing is bought, shipped or invoiced for (BC-SD-03)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, TypeVar

from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import SalesOrderNoOrBlank, choice
from contracts.planning.masters import Item
from contracts.refusals import Violations, conflict
from contracts.sales.masters import PurchasingCode
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData
from domainkit.structs import extended
from sales.domain.orders.commands import NewSalesOrder
from sales.domain.orders.creation import new_document
from sales.domain.orders.header_rules import customer_of
from sales.domain.orders.line_maker import may_not_be_sold
from sales.domain.orders.lines import Line, with_demand
from sales.domain.orders.order import OPEN, Order

CONVERTED: Final = "converted"
D = TypeVar("D", bound=Order)

SalesQuoteStatus = Annotated[
    str,
    choice("open", "converted"),
    Meta(description="State of the quote; a converted one has become an order.", examples=["open"]),
]


class Quote(Order, frozen=True, kw_only=True):
    """A quote as sales keeps it. Its lines have no demand: nothing is bought before there is an order."""

    document: ClassVar[str] = "sales quote"

    status: SalesQuoteStatus = OPEN
    sales_order_no: SalesOrderNoOrBlank = ""


def new_quote(new: NewSalesOrder, context: DecisionContext) -> Quote:
    """A quote by the rules of orders."""
    return as_quote(None, new_document(Quote, new, context), context.references)


def as_quote(before: Order | None, after: D, references: ReferenceData) -> D:
    """The quote after an act on it by the rules of orders: drop shipments by their code alone (BC-SD-05)."""
    known = {line.id: line for line in before.lines} if before is not None else {}
    found = Violations()
    for index, line in enumerate(after.lines):
        was_dropped = line.id in known and known[line.id].drop_shipment
        code = references.find(PurchasingCode, line.purchasing_code)
        if line.drop_shipment and not was_dropped and not (code and code.drop_shipment):
            detail = "a line of a quote is a drop shipment by its purchasing code alone"
            found.invalid("line-type-not-supported", detail, f"/lines/{index}/drop_shipment")
    found.refuse_if_any()
    lines = tuple(line if line.demand is None else replace(line, demand=None) for line in after.lines)
    return after if lines == after.lines else replace(after, lines=lines)


def make_order(quote: Quote, context: DecisionContext) -> Order:
    """The open order that the quote becomes: each line with its purchasing code and flags (BC-SD-03)."""
    if quote.status == CONVERTED:
        detail = f"sales quote {quote.no} has become sales order {quote.sales_order_no}"
        raise conflict("already-converted", detail, sales_order_no=quote.sales_order_no)
    found = Violations()
    customer_of(found, Order, quote.customer_no, context.references)
    for index, line in enumerate(quote.lines):
        item = context.references.find(Item, line.item_no) if line.type == "item" else None
        if item and may_not_be_sold(item):
            detail = f"item {item.no} cannot be sold: it is blocked"
            found.conflict("item-blocked", detail, f"/lines/{index}", line_no=line.line_no)
    found.refuse_if_any()

    def ordered(line: Line) -> Line:
        return with_demand(replace(line, id=context.new_id()))

    order = extended(Order, quote, no="", version=1, status=OPEN)
    return order.map_lines(ordered)


def converted(quote: Quote, sales_order_no: str) -> Quote:
    """The quote after its order was made."""
    return replace(quote, status=CONVERTED, sales_order_no=sales_order_no)
