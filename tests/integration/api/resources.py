"""One resource of each kind that a caller can make, so that operations on existing resources can be asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from contracts import fields
from contracts.asyncapi import sample_text
from contracts.planning.fields import CatalogEntryNo
from eventkit.ids import new_id
from eventkit.kinds import Kind
from eventkit.parking import Failed, park
from tests.integration.api.served import STORE_NO, TERMINAL_NO, WORKER_ID, AnyService
from tests.integration.planning.samples import sales_line, sales_order
from tests.support.service import Event, record


def example(annotated: Any) -> str:
    """The example of a field type: documents show it, and what is made here bears it."""
    (found,) = (m.examples[0] for m in annotated.__metadata__ if isinstance(m, msgspec.Meta) and m.examples)
    return str(found)


CUSTOMER: Final = example(fields.CustomerNo)
VENDOR: Final = example(fields.VendorNo)
ITEM: Final = example(fields.ItemNo)
LOCATION: Final = example(fields.LocationCode)
SALES_ORDER: Final = example(fields.SalesOrderNo)
CATALOG_ENTRY: Final = example(CatalogEntryNo)
KNOWN: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "company": ("COMPANY", {}),
    "customer": (CUSTOMER, {"no": CUSTOMER}),
    "item": (ITEM, {"no": ITEM, "vendor_no": VENDOR}),
    "item-vendor": (f"{VENDOR}/{ITEM}", {"item_no": ITEM, "vendor_no": VENDOR}),
    "location": (LOCATION, {"code": LOCATION}),
    "purchasing-code": ("SPEC", {}),
    "charge-code": ("SHIPPING", {}),
    "store": (STORE_NO, {"location_code": LOCATION}),
    "vendor": (VENDOR, {"no": VENDOR}),
}
"""Master data that services keep copies of: the contracts' golden samples under the examples' numbers."""

ENDED_OPERATION: Final = """
INSERT INTO operation (id, kind, status, result, started_at, ended_at)
VALUES ($1, 'post-sales-order', 'succeeded', '{"shipment_no": "SS-1001"}', now(), now())
"""
Resources = dict[str, str]


async def make_resources(service: AnyService) -> Resources:
    """Deliver the copies that the service keeps, and make what it owns."""
    kept = [s.kind for s in service.service.subscriptions if s.kind.name in KNOWN]
    await service.deliver(*(_copy(kind) for kind in kept))
    resources = await MAKERS[service.service.name](service)
    operation_id = new_id()
    await service.sql(ENDED_OPERATION, operation_id)
    return resources | {"/operations/{id}": f"/operations/{operation_id}"}


async def park_event(service: AnyService) -> str:
    """The path of a parked event that can be applied."""
    kind = next(s.kind for s in service.service.subscriptions if s.kind.name in KNOWN)
    _, no, snapshot = _copy(kind)
    failed = Failed(
        record(kind.name, no, snapshot), "error", "KeyError: 'EAST'", kind.name, no, snapshot.version
    )
    async with service.database.begin() as tx:
        await park(tx, "test-cluster", [failed])
    (row,) = await service.sql("SELECT id FROM parked ORDER BY id DESC LIMIT 1")
    return f"/parked/{row['id']}"


def _copy(kind: Kind) -> Event:
    sample = msgspec.json.decode(sample_text(kind.name), type=kind.model)
    no, changes = KNOWN[kind.name]
    return kind.name, no, msgspec.structs.replace(sample, **changes)


async def _of_sales(sales: AnyService) -> Resources:
    await sales.put("/company", {"name": "Nordsee", "currency_code": "EUR", "time_zone": "Europe/Berlin"})
    await sales.put("/exchange-rates/USD/2026-03-02", {"rate": "0.92"})
    await sales.put(
        f"/customers/{CUSTOMER}", {"name": "Anna Berg", "city": "Konstanz", "location_code": LOCATION}
    )
    await sales.put(f"/customers/{CUSTOMER}/ship-to-addresses/HOME", {"name": "Anna Berg", "city": "Bregenz"})
    await sales.put("/purchasing-codes/SPEC", {"special_order": True})
    await sales.put("/charge-codes/SHIPPING", {"description": "Shipping", "tax_pct": "19"})
    order = await sales.post("/sales-orders", {"customer_no": CUSTOMER, "lines": [_LINE]})
    quote = await sales.post("/sales-quotes", {"customer_no": CUSTOMER, "lines": [_LINE]})
    invoice = await sales.post("/sales-invoices", {"customer_no": CUSTOMER, "lines": [_LINE]})
    from_stock = _LINE | {"purchasing_code": ""}
    posted = await sales.post("/sales-orders", {"customer_no": CUSTOMER, "lines": [from_stock]})
    await sales.post(f"/sales-orders/{posted['no']}/release")
    numbers = await sales.post(f"/sales-orders/{posted['no']}/post", {"ship": True, "invoice": True})
    returned = {"posted_invoice_no": numbers["invoice_no"], "posted_invoice_line_no": 10000}
    goods_back = {"customer_no": CUSTOMER, "lines": [returned | {"location_code": LOCATION}]}
    return_order = await sales.post("/sales-return-orders", goods_back)
    credited = await sales.post("/sales-return-orders", goods_back)
    memo = await sales.post(f"/sales-return-orders/{credited['no']}/post")
    return {
        "/exchange-rates/{currency}/{day}": "/exchange-rates/USD/2026-03-02",
        "/customers/{no}": f"/customers/{CUSTOMER}",
        "/customers/{no}/ship-to-addresses/{code}": f"/customers/{CUSTOMER}/ship-to-addresses/HOME",
        "/purchasing-codes/{code}": "/purchasing-codes/SPEC",
        "/charge-codes/{code}": "/charge-codes/SHIPPING",
        "/sales-orders/{no}": f"/sales-orders/{order['no']}",
        "/sales-orders/{no}/lines/{line_no}": f"/sales-orders/{order['no']}/lines/10000",
        "/sales-invoices/{no}": f"/sales-invoices/{invoice['no']}",
        "/sales-invoices/{no}/lines/{line_no}": f"/sales-invoices/{invoice['no']}/lines/10000",
        "/sales-return-orders/{no}": f"/sales-return-orders/{return_order['no']}",
        "/sales-return-orders/{no}/lines/{line_no}": f"/sales-return-orders/{return_order['no']}/lines/10000",
        "/posted-sales-credit-memos/{no}": f"/posted-sales-credit-memos/{memo['credit_memo_no']}",
        "/sales-quotes/{no}": f"/sales-quotes/{quote['no']}",
        "/sales-quotes/{no}/lines/{line_no}": f"/sales-quotes/{quote['no']}/lines/10000",
        "/posted-sales-shipments/{no}": f"/posted-sales-shipments/{numbers['shipment_no']}",
        "/posted-sales-invoices/{no}": f"/posted-sales-invoices/{numbers['invoice_no']}",
        "/copies/{kind}/{no}": f"/copies/item/{ITEM}",
        "/number-series/{code}": await _number_series(sales),
    }


async def _of_purchasing(purchasing: AnyService) -> Resources:
    await purchasing.put(f"/vendors/{VENDOR}", {"name": "Compass Works", "lead_time_days": 5})
    await purchasing.put(f"/vendors/{VENDOR}/items/{ITEM}", {"direct_unit_cost": "80.00"})
    order = await purchasing.post("/purchase-orders", {"vendor_no": VENDOR, "lines": [_LINE]})
    posted = await purchasing.post("/purchase-orders", {"vendor_no": VENDOR, "lines": [_LINE]})
    await purchasing.post(f"/purchase-orders/{posted['no']}/release")
    numbers = await purchasing.post(
        f"/purchase-orders/{posted['no']}/post",
        {"receive": True, "invoice": True, "vendor_invoice_no": "INV-1"},
    )
    invoice = await purchasing.post("/purchase-invoices", {"vendor_no": VENDOR, "lines": [_LINE]})
    return {
        "/vendors/{no}": f"/vendors/{VENDOR}",
        "/vendors/{no}/items/{item_no}": f"/vendors/{VENDOR}/items/{ITEM}",
        "/purchase-orders/{no}": f"/purchase-orders/{order['no']}",
        "/purchase-orders/{no}/lines/{line_no}": f"/purchase-orders/{order['no']}/lines/10000",
        "/purchase-invoices/{no}": f"/purchase-invoices/{invoice['no']}",
        "/purchase-invoices/{no}/lines/{line_no}": f"/purchase-invoices/{invoice['no']}/lines/10000",
        "/posted-purchase-receipts/{no}": f"/posted-purchase-receipts/{numbers['receipt_no']}",
        "/posted-purchase-invoices/{no}": f"/posted-purchase-invoices/{numbers['invoice_no']}",
        "/copies/{kind}/{no}": f"/copies/item/{ITEM}",
        "/number-series/{code}": await _number_series(purchasing),
    }


async def _of_planning(planning: AnyService) -> Resources:
    await planning.put(f"/locations/{LOCATION}", {"name": "North"})
    await planning.put(f"/items/{ITEM}", {"description": "Brass compass", "vendor_no": VENDOR})
    await planning.put(f"/stockkeeping-units/{LOCATION}/{ITEM}", {"safety_stock": "2"})
    offered = {"vendor_no": VENDOR, "vendor_item_no": "TENT-3P", "description": "Tent"}
    await planning.put(f"/catalog-items/{CATALOG_ENTRY}", offered)
    await planning.put("/requisition-worksheets/SPRING", {"description": "Spring"})
    line = await planning.post(
        "/requisition-worksheets/SPRING/lines", {"item_no": ITEM, "quantity": "2", "vendor_no": VENDOR}
    )
    # Order promising names an order in its body, and `If-Match` is that order's version.
    sold = sales_line(10000, ITEM, location_code=LOCATION)
    order = sales_order(SALES_ORDER, sold, status="open")
    await planning.deliver(("sales-order", SALES_ORDER, order))
    return {
        "/locations/{code}": f"/locations/{LOCATION}",
        "/items/{no}": f"/items/{ITEM}",
        "/catalog-items/{entry_no}": f"/catalog-items/{CATALOG_ENTRY}",
        "/stockkeeping-units/{location}/{item}": f"/stockkeeping-units/{LOCATION}/{ITEM}",
        "/requisition-worksheets/{name}": "/requisition-worksheets/SPRING",
        "/requisition-worksheets/{name}/lines/{id}": f"/requisition-worksheets/SPRING/lines/{line['id']}",
        "/copies/{kind}/{no}": f"/copies/vendor/{VENDOR}",
        "/number-series/{code}": await _number_series(planning),
    }


async def _of_the_gateway(gateway: AnyService) -> Resources:
    await gateway.put("/functionality-profiles/P1", {"create_customer_order_in_async_mode": True})
    store = {"name": "Hamburg Harbour", "time_zone": "Europe/Berlin", "currency_code": "EUR"}
    await gateway.put(f"/stores/{STORE_NO}", store | {"location_code": LOCATION, "profile_id": "P1"})
    await gateway.put("/commerce-parameters", {"default_deposit_pct": "0"})
    worker = {
        "name": "Kim",
        "permissions": ["create_order", "pickup_lines", "edit_order", "recall"],
        "store_nos": [STORE_NO],
        "pin": "4711",
    }
    await gateway.put(f"/workers/{WORKER_ID}", worker)
    await gateway.post(f"/stores/{STORE_NO}/terminals", {"no": TERMINAL_NO})
    gateway.at_till = True
    signed_off = await gateway.sql(_SESSION)
    order = await gateway.post("/customer-orders", _TILL_ORDER)
    await gateway.post("/transaction-batches", {"transactions": [_OFFLINE_RETURN]})
    (taken,) = await gateway.sql("SELECT act_id FROM till_act")
    return {
        "/offline-returns/{id}": f"/offline-returns/{taken['act_id']}",
        "/customer-orders/{confirmation_no}": f"/customer-orders/{order['confirmation_no']}",
        "/functionality-profiles/{id}": "/functionality-profiles/P1",
        "/stores/{no}": f"/stores/{STORE_NO}",
        "/workers/{id}": f"/workers/{WORKER_ID}",
        "/terminals/{no}": f"/terminals/{TERMINAL_NO}",
        "/sessions/{id}": f"/sessions/{signed_off[0]['id']}",
        "/items/{item_no}": f"/items/{ITEM}",
        "/pull-jobs/{id}": "/pull-jobs/P-0001",
        "/distribution-schedules/{no}": "/distribution-schedules/1070",
        "/copies/{kind}/{no}": f"/copies/item/{ITEM}",
    }


async def _number_series(service: AnyService) -> str:
    (row,) = await service.sql("SELECT code FROM number_series ORDER BY code LIMIT 1")
    return f"/number-series/{row['code']}"


MAKERS: Final[Mapping[str, Callable[[AnyService], Awaitable[Resources]]]] = {
    "sales": _of_sales,
    "purchasing": _of_purchasing,
    "planning": _of_planning,
    "pos-gateway": _of_the_gateway,
}
_LINE: Final = {"item_no": ITEM, "quantity": "2", "location_code": LOCATION}
_SESSION: Final = f"""
INSERT INTO session (id, store_no, terminal_no, worker_id, opened_at, expires_at)
VALUES (gen_random_uuid(), '{STORE_NO}', '{TERMINAL_NO}', '{WORKER_ID}', now(), now() + interval '1 day') RETURNING id
"""
_TILL_ORDER: Final = {
    "transaction": {
        "store_no": STORE_NO,
        "terminal_no": TERMINAL_NO,
        "business_date": "2026-03-02",
        "sequence": 1,
    },
    "occurred_at": "2026-03-02T10:00:00Z",
    "customer_no": CUSTOMER,
    "fulfilment": {"mode": "pickup", "store_no": STORE_NO},
    "lines": [{"item_no": ITEM, "quantity": "2", "unit_price": "12.50"}],
}
_OFFLINE_RETURN: Final = {
    "operation": "return",
    "confirmation_no": "K-0",
    "worker_id": WORKER_ID,
    "transaction": {
        "store_no": STORE_NO,
        "terminal_no": TERMINAL_NO,
        "business_date": "2026-03-02",
        "sequence": 2,
    },
    "occurred_at": "2026-03-02T10:00:00Z",
    "invoice_no": "I-1",
    "lines": [{"line_no": 10000, "quantity": "1", "reason_code": "DAMAGED"}],
}
"""Of an order that is not known: a person has to look at it."""
