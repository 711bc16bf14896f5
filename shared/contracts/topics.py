"""The registry of topics and of the kinds of aggregates on them: who owns, what is the key, who reads."""

from __future__ import annotations

from typing import Any

from contracts import captures, channel, pos
from contracts.planning.masters import CatalogItem, Item, Location, PlanningSetup, StockkeepingUnit
from contracts.planning.requests import OrderPromise, PurchaseRequest
from contracts.planning.stock import Demand, OrderReservation, StockLevel
from contracts.purchasing.documents import PostedPurchaseInvoice
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.purchasing.orders import PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from contracts.sales.documents import PostedSalesCreditMemo, PostedSalesInvoice, UnpostedSalesInvoice
from contracts.sales.masters import ChargeCode, Company, Customer, ExchangeRate, PurchasingCode, ShipToAddress
from contracts.sales.orders import SalesOrder
from contracts.values import Model

DOCUMENT_RETENTION_DAYS = 14
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Of a Kafka message: `max.message.bytes` of every topic, and what clients send and fetch."""
MAX_EVENT_BYTES = 15 * 1024 * 1024
"""Of an event's JSON: with its headers it fits a message even if it cannot be compressed. Acts that make an aggregate
grow are refused long before (`domainkit/postings.py`)."""
MASTER_PARTITIONS = 1
"""Partitions of master data, reservations and captures: their few changes need not be spread, and each read of the
documents beside them is cheaper (a consumer asks for all its partitions every time)."""


class Topic(Model, frozen=True, kw_only=True):
    """A Kafka topic. Compacted ones keep the last event per key without a time limit.

    The others keep events for `DOCUMENT_RETENTION_DAYS`. `partitions` None: as many as the installation's setting says.
    """

    name: str
    owner: str
    key: str
    compacted: bool = False
    partitions: int | None = None
    consumers: tuple[str, ...] = ()

    @property
    def retention_ms(self) -> int:
        """Kafka's `retention.ms`; -1 (no time limit) for compacted topics."""
        return -1 if self.compacted else DOCUMENT_RETENTION_DAYS * 24 * 60 * 60 * 1000


class Kind(Model, frozen=True, kw_only=True):
    """A kind of aggregate, named as in `Koppel-Seen`: on which topic it travels and what its snapshot is.

    `prefixed`: the message key is `<name>/<no>` because several kinds share the topic. `number`: the fields of the
    snapshot that make its number, joined by `/`; none where the snapshot does not name it.
    """

    name: str
    topic: str
    model: type[Any]
    prefixed: bool = False
    number: tuple[str, ...] = ("no",)

    def message_key(self, no: str) -> str:
        """Kafka's message key of the aggregate with this number."""
        return f"{self.name}/{no}" if self.prefixed else no

    @property
    def event_type(self) -> str:
        """CloudEvents `type` of the kind's snapshots."""
        return f"koppel.{self.name}.v1"

    @property
    def owner(self) -> str:
        """The service that alone publishes the kind."""
        return TOPICS[self.topic].owner

    def number_of(self, snapshot: Any) -> str | None:
        """The number that the snapshot itself names; None if its contract names none."""
        if not self.number:
            return None
        return "/".join(str(getattr(snapshot, field)) for field in self.number)


TOPICS: dict[str, Topic] = {
    t.name: t
    for t in (
        Topic(name="sales.order.v1", owner="sales", key="order number", consumers=("planning", "purchasing")),
        Topic(name="sales.invoice.v1", owner="sales", key="invoice number", consumers=("planning",)),
        Topic(
            name="sales.unposted-invoice.v1",
            owner="sales",
            key="sales invoice number",
            consumers=("purchasing",),
        ),
        Topic(
            name="sales.credit-memo.v1",
            owner="sales",
            key="credit memo number",
            consumers=("planning",),
        ),
        Topic(
            name="sales.channel-transaction.v1",
            owner="sales",
            key="confirmation number",
            consumers=("planning", "pos-gateway"),
        ),
        Topic(
            name="sales.master.v1",
            owner="sales",
            key="kind/number",
            compacted=True,
            partitions=MASTER_PARTITIONS,
            consumers=("planning", "purchasing", "pos-gateway"),
        ),
        Topic(
            name="planning.purchase-request.v1", owner="planning", key="request id", consumers=("purchasing",)
        ),
        Topic(name="planning.promise.v1", owner="planning", key="promise id", consumers=("sales",)),
        Topic(name="planning.demand.v1", owner="planning", key="sales order number", consumers=("sales",)),
        Topic(
            name="planning.reservation.v1",
            owner="planning",
            key="sales order number",
            partitions=MASTER_PARTITIONS,
            consumers=("sales",),
        ),
        Topic(
            name="planning.stock.v1",
            owner="planning",
            key="kind/item/location",
            compacted=True,
            consumers=("sales", "pos-gateway"),
        ),
        Topic(
            name="planning.master.v1",
            owner="planning",
            key="kind/number",
            compacted=True,
            partitions=MASTER_PARTITIONS,
            consumers=("sales", "purchasing", "pos-gateway"),
        ),
        Topic(
            name="purchasing.order.v1",
            owner="purchasing",
            key="order number",
            consumers=("sales", "planning"),
        ),
        Topic(
            name="purchasing.invoice.v1",
            owner="purchasing",
            key="invoice number",
            consumers=("planning",),
        ),
        Topic(
            name="purchasing.request.v1",
            owner="purchasing",
            key="request id",
            consumers=("sales", "planning"),
        ),
        Topic(
            name="purchasing.master.v1",
            owner="purchasing",
            key="kind/number",
            compacted=True,
            partitions=MASTER_PARTITIONS,
            consumers=("planning", "sales"),
        ),
        Topic(
            name="pos.transaction.v1",
            owner="pos-gateway",
            key="confirmation number",
            consumers=("planning", "sales"),
        ),
        Topic(
            name="pos.capture.v1",
            owner="pos-gateway",
            key="payment instruction id",
            partitions=MASTER_PARTITIONS,
            consumers=("sales",),
        ),
        Topic(
            name="pos.master.v1",
            owner="pos-gateway",
            key="kind/number",
            compacted=True,
            partitions=MASTER_PARTITIONS,
            consumers=("sales",),
        ),
    )
}

KINDS: dict[str, Kind] = {
    k.name: k
    for k in (
        Kind(name="company", topic="sales.master.v1", model=Company, number=(), prefixed=True),
        Kind(
            name="exchange-rate",
            topic="sales.master.v1",
            model=ExchangeRate,
            number=("currency_code", "date"),
            prefixed=True,
        ),
        Kind(name="customer", topic="sales.master.v1", model=Customer, prefixed=True),
        Kind(
            name="ship-to-address",
            topic="sales.master.v1",
            model=ShipToAddress,
            number=("customer_no", "code"),
            prefixed=True,
        ),
        Kind(
            name="purchasing-code",
            topic="sales.master.v1",
            model=PurchasingCode,
            number=("code",),
            prefixed=True,
        ),
        Kind(
            name="charge-code",
            topic="sales.master.v1",
            model=ChargeCode,
            number=("code",),
            prefixed=True,
        ),
        Kind(name="sales-order", topic="sales.order.v1", model=SalesOrder),
        Kind(name="posted-sales-invoice", topic="sales.invoice.v1", model=PostedSalesInvoice),
        Kind(name="sales-invoice", topic="sales.unposted-invoice.v1", model=UnpostedSalesInvoice),
        Kind(
            name="posted-sales-credit-memo",
            topic="sales.credit-memo.v1",
            model=PostedSalesCreditMemo,
        ),
        Kind(
            name="channel-transaction",
            topic="sales.channel-transaction.v1",
            model=channel.ChannelTransaction,
            number=("confirmation_no",),
        ),
        Kind(name="item", topic="planning.master.v1", model=Item, prefixed=True),
        Kind(
            name="catalog-item",
            topic="planning.master.v1",
            model=CatalogItem,
            number=("entry_no",),
            prefixed=True,
        ),
        Kind(
            name="location",
            topic="planning.master.v1",
            model=Location,
            number=("code",),
            prefixed=True,
        ),
        Kind(
            name="stockkeeping-unit",
            topic="planning.master.v1",
            model=StockkeepingUnit,
            number=("location_code", "item_no"),
            prefixed=True,
        ),
        Kind(
            name="planning-setup",
            topic="planning.master.v1",
            model=PlanningSetup,
            number=(),
            prefixed=True,
        ),
        Kind(
            name="stock",
            topic="planning.stock.v1",
            model=StockLevel,
            number=("item_no", "location_code"),
            prefixed=True,
        ),
        Kind(name="demand", topic="planning.demand.v1", model=Demand, number=("sales_order_no",)),
        Kind(name="order-promise", topic="planning.promise.v1", model=OrderPromise, number=("id",)),
        Kind(
            name="order-reservation",
            topic="planning.reservation.v1",
            model=OrderReservation,
            number=("sales_order_no",),
        ),
        Kind(
            name="purchase-request",
            topic="planning.purchase-request.v1",
            model=PurchaseRequest,
            number=("id",),
        ),
        Kind(name="vendor", topic="purchasing.master.v1", model=Vendor, prefixed=True),
        Kind(
            name="item-vendor",
            topic="purchasing.master.v1",
            model=ItemVendor,
            number=("vendor_no", "item_no"),
            prefixed=True,
        ),
        Kind(name="purchase-order", topic="purchasing.order.v1", model=PurchaseOrder),
        Kind(
            name="posted-purchase-invoice",
            topic="purchasing.invoice.v1",
            model=PostedPurchaseInvoice,
        ),
        Kind(
            name="request-outcome",
            topic="purchasing.request.v1",
            model=RequestOutcome,
            number=("request_id",),
        ),
        Kind(name="store", topic="pos.master.v1", model=pos.Store, prefixed=True),
        Kind(
            name="channel-order",
            topic="pos.transaction.v1",
            model=channel.ChannelOrder,
            number=("confirmation_no",),
        ),
        Kind(
            name="capture-outcome",
            topic="pos.capture.v1",
            model=captures.CaptureOutcome,
            number=("instruction_id",),
        ),
    )
}


def topics_of(owner: str) -> tuple[Topic, ...]:
    """The topics that a service creates and writes."""
    return tuple(t for t in TOPICS.values() if t.owner == owner)
