"""Sample data and events of the other services, as these would send them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from contracts.channel import ChannelOrder
from contracts.planning.masters import Item
from contracts.planning.stock import Demand, DemandLine
from contracts.pos import Store, Totals, TransactionIdentity, TransactionLine
from contracts.purchasing.orders import PurchaseLine, PurchaseLink, PurchaseOrder
from contracts.purchasing.outcomes import RequestedPosting, RequestOutcome
from contracts.values import Address, Posting, SalesLineRef

TODAY = date(2026, 3, 2)
STORE = Store(
    version=1, no="ST1", name="Shop", time_zone="Europe/Berlin", currency_code="EUR", location_code="SHOP"
)


def _item(no: str, price: str, **more: Any) -> Item:
    return Item(
        version=1, no=no, description=f"Item {no}", unit_price=Decimal(price), tax_pct=Decimal(19), **more
    )


ITEMS = (
    _item("1000", "10.00", unit_cost=Decimal(6)),
    _item("1100", "149.00", vendor_no="V10", purchasing_code="SPEC"),
    _item("1200", "899.00", vendor_no="V20", purchasing_code="DROP"),
    _item("1300", "5.00", purchasing_code="SPEC"),
    _item("1400", "20.00", type="service", reserve="never"),
    _item("1500", "20.00", blocked=True),
)
STOCK = {"item_no": "1000", "quantity": "4"}
SPECIAL = {"item_no": "1100", "quantity": "5"}
DROP = {"item_no": "1200", "quantity": "10"}


def line_of(order: Any, line_no: int = 10000) -> Any:
    return next(line for line in order["lines"] if line["line_no"] == line_no)


def receipt(
    quantity: str, *, document_no: str = "R-1", origin: str = "purchasing", base: str = "0"
) -> Posting:
    return Posting(
        posting_id=uuid4(),
        base=Decimal(base),
        quantity=Decimal(quantity),
        posting_date=TODAY,
        document_no=document_no,
        origin=origin,
    )


def purchase_line(  # noqa: PLR0913 - a sample's knobs
    order: Any,
    line_no: int = 10000,
    *receipts: Posting,
    kind: str = "special_order",
    quantity: str | None = None,
    generation: int = 1,
    deleted: bool = False,
    link_id: UUID | None = None,
) -> PurchaseLine:
    """A purchase line that serves a sales line."""
    line = line_of(order, line_no)
    ref = SalesLineRef(
        sales_order_no=order["no"],
        sales_order_line_no=line_no,
        sales_line_id=UUID(line["id"]),
        generation=generation,
        customer_no=order["customer_no"],
    )
    link = PurchaseLink(
        link_id=link_id or UUID(int=UUID(line["id"]).int ^ generation),
        kind=kind,
        sales=ref,
        active=not deleted,
    )
    return PurchaseLine(
        id=uuid4(),
        line_no=10000,
        item_no=line["item_no"],
        quantity=Decimal(quantity or line["quantity"]),
        unit_of_measure_code="PCS",
        link=link,
        receipts=tuple(replace(each, link_id=link.link_id) for each in receipts),
        deleted=deleted,
    )


def purchase(no: str, version: int, *lines: PurchaseLine) -> tuple[str, str, PurchaseOrder]:
    order = PurchaseOrder(
        version=version, no=no, status="open", vendor_no="V10", order_date=TODAY, lines=lines
    )
    return "purchase-order", no, order


def demand(
    order: Any, version: int, state: str, line_no: int = 10000, **more: Any
) -> tuple[str, str, Demand]:
    line = DemandLine(
        sales_line_id=UUID(line_of(order, line_no)["id"]),
        sales_order_line_no=line_no,
        generation=more.pop("generation", 1),
        state=state,
        **more,
    )
    return "demand", order["no"], Demand(version=version, sales_order_no=order["no"], lines=(line,))


def outcome(
    order: Any, operation_id: str, what: str, *postings: tuple[int, Posting], errors: Any = ()
) -> tuple[str, str, RequestOutcome]:
    answered = tuple(
        RequestedPosting(
            sales_line_id=UUID(line_of(order, line_no)["id"]),
            purchase_order_no="P-1",
            purchase_order_line_no=10000,
            posting=posting,
        )
        for line_no, posting in postings
    )
    told = RequestOutcome(
        version=1,
        request_id=UUID(operation_id),
        kind="posting_request",
        outcome=what,
        sales_order_no=order["no"],
        postings=answered,
        errors=errors,
    )
    return "request-outcome", operation_id, told


ADDRESS = Address(name="Anna Berg", address="Seeweg 4", city="Konstanz", post_code="78462", country_code="DE")
TILL_LINES = (
    TransactionLine(
        line_no=10000,
        item_no="1000",
        quantity=Decimal(2),
        unit_price=Decimal("10.00"),
        tax_pct=Decimal(19),
        mode="pickup",
        pickup_store_no="ST1",
    ),
    TransactionLine(
        line_no=20000,
        item_no="1200",
        quantity=Decimal(1),
        unit_price=Decimal("899.00"),
        discount=Decimal("50.00"),
        tax_pct=Decimal(19),
        purchasing_code="DROP",
        mode="ship",
        address=ADDRESS,
    ),
)


def till_order(sequence: int, **more: Any) -> ChannelOrder:
    """A till's order: 20.00 + 849.00 net, 165.11 tax."""
    given: dict[str, Any] = {
        "version": 2,
        "confirmation_no": f"K-{sequence}",
        "transaction_id": uuid4(),
        "transaction": TransactionIdentity(
            store_no="ST1", terminal_no="T1", business_date=TODAY, sequence=sequence
        ),
        "customer_no": "C1",
        "currency_code": "EUR",
        "occurred_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "received_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "lines": TILL_LINES,
        "prepaid_amount": Decimal("200.00"),
        "totals": Totals(
            net=Decimal("869.00"), tax=Decimal("165.11"), charges=Decimal(0), total=Decimal("1034.11")
        ),
    }
    return ChannelOrder(**{**given, **more})


def pulled(order: ChannelOrder) -> tuple[str, str, ChannelOrder]:
    return "channel-order", order.confirmation_no, order
