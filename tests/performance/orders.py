"""The order that is measured: three lines, one from stock, one special order, one drop shipment.

`order.json` holds what a till posts and the messages that follow from it. The same body is posted to the floor
and to Koppel; the floor's messages are these samples with other numbers in them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from contracts import channel, pos
from contracts.planning.requests import PurchaseRequest
from contracts.planning.stock import Demand
from contracts.purchasing.orders import PurchaseOrder
from contracts.sales.orders import SalesOrder

DELIVERY_TIME: Final = timedelta(days=7)
CUSTOMERS: Final = tuple(f"C-{n:04}" for n in range(1, 21))


class Body(msgspec.Struct):
    """What a till posts, decoded as far as any implementation must."""

    transaction: pos.TransactionIdentity
    customer_no: str
    lines: list[dict[str, Any]]
    payments: list[dict[str, Any]]


class Samples(msgspec.Struct):
    """One order on its way: the posted body, then every message of it."""

    posted: dict[str, Any]
    channel_order: channel.ChannelOrder
    sales_order: SalesOrder
    channel_transaction: channel.ChannelTransaction
    demand: Demand
    purchase_requests: tuple[PurchaseRequest, ...]
    purchase_orders: tuple[PurchaseOrder, ...]


SAMPLES: Final = msgspec.json.decode(Path(__file__).with_name("order.json").read_bytes(), type=Samples)

STORE: Final = str(SAMPLES.posted["transaction"]["store_no"])
"""The store of the measured order."""

SMALL_ROW: Final = b'{"outcome":"created","vendor_no":"V-SPECIAL","at":"2026-01-15T09:15:30.123456Z"}' * 3
"""What stands in a row that is no document: a fence, a link, an idempotency key."""

HEADERS: Final = [
    ("ce_specversion", b"1.0"),
    ("ce_source", b"/koppel/floor"),
    ("ce_type", b"koppel.floor-message.v1"),
    ("content-type", b"application/json"),
    ("ce_time", b"2026-01-15T09:15:30.123456Z"),
    ("ce_version", b"1"),
    ("ce_correlationid", b"01890a5d-ac96-774b-bcce-b302099a8057"),
    ("ce_causationid", b"01890a5d-ac96-774b-bcce-b302099a8057"),
    ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
]
"""The headers of an event that do not differ much; its id and subject come to them."""


def _template() -> bytes:
    """The posted body with places for what differs between two orders of a day."""
    now = datetime.now(UTC)
    transaction = {
        **SAMPLES.posted["transaction"],
        "store_no": "%(store)s",
        "terminal_no": "%(terminal)s",
        "business_date": now.date(),
        "sequence": 987654321,
    }
    lines = [_wanted_on(line, now.date() + DELIVERY_TIME) for line in SAMPLES.posted["lines"]]
    posted = {
        **SAMPLES.posted,
        "transaction": transaction,
        "customer_no": "%(customer)s",
        "lines": lines,
        "occurred_at": now,
    }
    return msgspec.json.encode(posted).replace(b"987654321", b"%(sequence)d")


def _wanted_on(line: dict[str, Any], day: date) -> dict[str, Any]:
    return {**line, "fulfilment": {**line["fulfilment"], "date": day}}


_TEMPLATE: Final = _template()


def post_body(store: str, terminal: str, sequence: int) -> bytes:
    """A till's order (`POST /v1/customer-orders`), unique by terminal and sequence."""
    customer = CUSTOMERS[sequence % len(CUSTOMERS)]
    return _TEMPLATE % {
        b"store": store.encode(),
        b"terminal": terminal.encode(),
        b"customer": customer.encode(),
        b"sequence": sequence,
    }
