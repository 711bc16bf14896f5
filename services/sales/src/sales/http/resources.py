"""The resources of sales that are addressed by a number."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

from contracts.sales.masters import ChargeCode, Company, Customer, ExchangeRate, PurchasingCode, ShipToAddress
from domainkit.lateness import LATE_AFTER
from domainkit.structs import extended
from eventkit.transaction import Queryable, fetch_one
from httpkit.masters import MasterResource, master_resource
from httpkit.responses import Resource, Shown
from recordkit import records
from sales.domain.channel.lateness import warning
from sales.domain.channel.transactions import snapshot
from sales.domain.masters import SETUP_NO, SalesSetup
from sales.http.answers.channel import SynchronizationAnswer, transaction_answer
from sales.http.answers.masters import (
    ChargeCodeAnswer,
    CompanyAnswer,
    CustomerAnswer,
    ExchangeRateAnswer,
    PurchasingCodeAnswer,
    SalesSetupAnswer,
    ShipToAddressAnswer,
)
from sales.http.answers.orders import (
    sales_invoice_answer,
    sales_order_answer,
    sales_quote_answer,
    sales_return_answer,
)
from sales.http.answers.posted_documents import credit_memo_answer, invoice_answer, shipment_answer
from sales.http.answers.sourcing import LinePurchasesAnswer, line_purchase_answer
from sales.store import channel_transactions, documents, order_reads, posted_documents, synchronization
from sales.store.kinds import KINDS_OF_SALES


async def read_sales_order(conn: Queryable, no: str) -> Shown | None:
    """The order with its totals and the supply of its lines."""
    read = await order_reads.find(conn, no)
    return None if read is None else Shown(sales_order_answer(read), read.order.version)


async def read_sales_quote(conn: Queryable, no: str) -> Shown | None:
    """The quote with its totals and its version; None if there is none."""
    read = await documents.find(conn, documents.QUOTE, no)
    return None if read is None else Shown(sales_quote_answer(read), read.order.version)


async def read_sales_invoice(conn: Queryable, no: str) -> Shown | None:
    """The unposted invoice with its totals."""
    read = await documents.find(conn, documents.INVOICE, no)
    return None if read is None else Shown(sales_invoice_answer(read), read.order.version)


async def read_sales_return(conn: Queryable, no: str) -> Shown | None:
    """The return order with its totals."""
    read = await documents.find(conn, documents.RETURN, no)
    return None if read is None else Shown(sales_return_answer(read), read.order.version)


async def read_credit_memo(conn: Queryable, no: str) -> Shown | None:
    """A posted credit memo by its number."""
    found = await posted_documents.find_credit_memo(conn, no)
    return None if found is None else Shown(credit_memo_answer(found), found.document.version)


async def read_purchases(conn: Queryable, no: str) -> Shown | None:
    """Where the flagged lines of an order are bought (BC-SO-31)."""
    read = await order_reads.find(conn, no)
    if read is None:
        return None
    flagged = (line for line in read.order.lines if line.flagged)
    return Shown(
        LinePurchasesAnswer(
            tuple(line_purchase_answer(read.order, line, read.sourcings.get(line.id)) for line in flagged)
        )
    )


async def read_shipment(conn: Queryable, no: str) -> Shown | None:
    """A posted shipment by its number."""
    found = await posted_documents.find_shipment(conn, no)
    return None if found is None else Shown(shipment_answer(found), found.document.version)


async def read_invoice(conn: Queryable, no: str) -> Shown | None:
    """A posted invoice by its number."""
    found = await posted_documents.find_invoice(conn, no)
    return None if found is None else Shown(invoice_answer(found), found.document.version)


async def read_transaction(conn: Queryable, id_: str) -> Shown | None:
    """A till's transaction by its id."""
    row = await fetch_one(conn, channel_transactions.FIND, id=UUID(id_))
    return None if row is None else Shown(transaction_answer(row), row.version or None)


async def read_repaired(conn: Queryable, confirmation_no: str) -> Shown | None:
    """A till's transaction by its confirmation number."""
    row = await fetch_one(conn, channel_transactions.FIND_CONFIRMED, no=confirmation_no)
    return None if row is None else Shown(transaction_answer(row), row.version or None)


async def read_submitted(conn: Queryable, confirmation_no: str) -> Shown | None:
    """What became of a till's transaction, by its confirmation number."""
    row = await fetch_one(conn, channel_transactions.FIND_CONFIRMED, no=confirmation_no)
    if row is None:
        return None
    return Shown(snapshot(channel_transactions.transaction_of(row)), row.version)


async def read_synchronization(conn: Queryable, _: str) -> Shown:
    """How synchronization stands."""
    now = await synchronization.find(conn)
    setup = await records.find(conn, KINDS_OF_SALES, SalesSetup, SETUP_NO) or SalesSetup(version=0)
    waiting = await channel_transactions.waiting(conn)
    at = datetime.now(UTC)
    late = await channel_transactions.late(conn, at - LATE_AFTER)
    answer = extended(
        SynchronizationAnswer,
        now,
        reason=now.reason or None,
        interval_s=setup.synchronization_interval_s,
        pending=waiting.pending,
        oldest_pending_at=waiting.oldest_at,
        warning=warning(
            late,
            paused=now.is_paused,
            interval_s=float(setup.synchronization_interval_s),
            last_run_at=now.last_run_at,
            now=at,
        ),
    )
    return Shown(answer)


SALES_ORDER = Resource("sales-order", read_sales_order, "/v1/sales-orders/{no}")
SALES_QUOTE = Resource("sales-quote", read_sales_quote, "/v1/sales-quotes/{no}")
SALES_INVOICE = Resource("sales-invoice", read_sales_invoice, "/v1/sales-invoices/{no}")
SALES_RETURN = Resource("sales-return-order", read_sales_return, "/v1/sales-return-orders/{no}")
LINE_PURCHASES = Resource("sales-order", read_purchases)
POSTED_SHIPMENT = Resource("posted-sales-shipment", read_shipment)
POSTED_INVOICE = Resource("posted-sales-invoice", read_invoice)
POSTED_CREDIT_MEMO = Resource("posted-sales-credit-memo", read_credit_memo)
TRANSACTION = Resource("channel-transaction", read_transaction)
REPAIRED_TRANSACTION = Resource("channel-transaction", read_repaired)
SUBMITTED_TRANSACTION = Resource(
    "channel-transaction", read_submitted, "/v1/channel-transactions?confirmation_no={no}"
)
ORDER_SYNCHRONIZATION = Resource("order-synchronization", read_synchronization)


def _master(model: type[Any], answer: type[Any], location: str = "", **more: Any) -> MasterResource:
    return master_resource(KINDS_OF_SALES, model, partial(extended, answer), location, **more)


COMPANY = _master(Company, CompanyAnswer, "/v1/company")
SALES_SETUP = _master(SalesSetup, SalesSetupAnswer, "/v1/sales-setup", default=SalesSetup(version=0))
CUSTOMER = _master(
    Customer,
    CustomerAnswer,
    "/v1/customers/{no}",
    filters=("name", "blocked", "currency_code", "location_code", "country_code"),
    searched=("name", "contact", "email", "phone"),
)
PURCHASING_CODE = _master(
    PurchasingCode, PurchasingCodeAnswer, "/v1/purchasing-codes/{no}", searched=("description",)
)
SHIP_TO_ADDRESS = _master(ShipToAddress, ShipToAddressAnswer, filters=("name", "customer_no", "code"))
EXCHANGE_RATE = _master(ExchangeRate, ExchangeRateAnswer, filters=("currency_code", "date"))
CHARGE_CODE = _master(ChargeCode, ChargeCodeAnswer, "/v1/charge-codes/{no}", searched=("description",))


def exchange_rate(currency_code: str, day: str) -> Resource:
    """The rate of a currency from a day on."""
    return EXCHANGE_RATE.at(f"/v1/exchange-rates/{currency_code}/{day}")


def ship_to_address(customer_no: str, code: str) -> Resource:
    """An alternate address of a customer."""
    where = f"/v1/customers/{quote(customer_no, safe='')}/ship-to-addresses/{quote(code, safe='')}"
    return SHIP_TO_ADDRESS.at(where)
