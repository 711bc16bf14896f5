"""What may be a number, in all four services: what a 201 names is read, changed and used under its Location."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec
import pytest

from contracts.asyncapi import sample_text
from contracts.topics import KINDS
from tests.integration.api.resources import ITEM, LOCATION, VENDOR
from tests.integration.api.served import STORE_NO, AnyService

NUMBERS: Final = (
    'HEX-1/4"UNC',
    "5%(98/2)",
    "A#1",
    "SO/2026/1",
    "A?B",
    "O'NEIL & SONS",
    "TWO  BLANKS",
    "A+B=C",
    "100%",
    "A%2FB",
    "X,Y@1;Z",
    "ÄRMEL-№5",
    "[A]{B}",
    "A\\B",
)
"""Numbers that items and documents really have."""
CODES: Final = ("A/B", "5%", "A#?", "N & S", 'Q"1"')
REFUSED: Final = (".", "..", "A\u200bB", "\ufeffA", "A\u202eB", "A\ue000B", "A\nB", "A\u00adB")


async def copy(service: AnyService, kind: str, number: str, **changes: Any) -> None:
    """Deliver another service's record under this number, if the service keeps copies of its kind."""
    if kind in {s.kind.name for s in service.service.subscriptions}:
        sample = msgspec.json.decode(sample_text(kind), type=KINDS[kind].model)
        await service.deliver((kind, number, msgspec.structs.replace(sample, **changes)))


async def put_and_change(service: AnyService, path: str, first: Any, then: Any, **named: str) -> str:
    """Make a record, read it where it says it is, change it there; its address."""
    made = await service.send("PUT", path, first)
    assert made.status_code == 201, (path, made.text)
    location = made.headers["location"].removeprefix("/v1") if "location" in made.headers else path
    read = await service.get(location)
    assert {name: read[name] for name in named} == named
    changed = await service.send("PUT", location, then)
    assert (changed.status_code, changed.json()["version"]) == (200, 2), changed.text
    return location


def at(no: str) -> str:
    return quote(no, safe="")


async def of_sales(sales: AnyService, no: str, code: str) -> None:
    customer = await put_and_change(sales, f"/customers/{at(no)}", {"name": "A"}, {"name": "B"}, no=no)
    await put_and_change(
        sales, f"{customer}/ship-to-addresses/{at(code)}", {"name": "A"}, {"name": "B"}, customer_no=no, code=code
    )  # fmt: skip
    codes = [f"/purchasing-codes/{at(code)}", f"/charge-codes/{at(no)}"]
    await put_and_change(
        sales, codes[0], {"special_order": True}, {"special_order": True, "description": "B"}
    )
    await put_and_change(sales, codes[1], {"description": "A"}, {"description": "B"}, code=no)
    await copy(sales, "item", no, no=no)
    line = {"item_no": no, "quantity": "2", "location_code": LOCATION}
    charge = {"type": "charge", "charge_code": no, "quantity": "1", "unit_price": "5"}
    body = {"no": no, "customer_no": no, "ship_to_code": code, "lines": [line, charge]}
    made = await sales.send("POST", "/sales-orders", body)
    assert made.status_code == 201, made.text
    location = made.headers["location"].removeprefix("/v1")
    assert made.headers["koppel-seen"] == f"sales-order/{at(no)}@1"
    assert (await sales.get(location))["lines"][0]["item_no"] == no
    await sales.patch(location, {"your_reference": "B"})
    await sales.post(f"{location}/lines", line)
    await sales.patch(f"{location}/lines/10000", {"purchasing_code": code})
    await sales.post(f"{location}/release")
    assert (await sales.get(f"{location}/purchase-orders"))["items"][0]["item_no"] == no
    assert [o["no"] for o in (await sales.get("/sales-orders", query=no))["items"]] == [no]
    assert (await sales.get("/sales-lines", sales_order_no=no.replace(",", r"\,")))["items"]


async def of_purchasing(purchasing: AnyService, no: str, code: str) -> None:
    vendor = await put_and_change(purchasing, f"/vendors/{at(no)}", {"name": "A"}, {"name": "B"}, no=no)
    await copy(purchasing, "item", no, no=no)
    await put_and_change(
        purchasing,
        f"{vendor}/items/{at(no)}",
        {"direct_unit_cost": "1"},
        {"direct_unit_cost": "2"},
        vendor_no=no,
        item_no=no,
    )
    assert [entry["item_no"] for entry in (await purchasing.get(f"{vendor}/items"))["items"]] == [no]
    await copy(purchasing, "location", code, code=code)
    line = {"item_no": no, "quantity": "2", "location_code": code}
    made = await purchasing.send("POST", "/purchase-orders", {"no": code, "vendor_no": no, "lines": [line]})
    assert made.status_code == 201, made.text
    location = made.headers["location"].removeprefix("/v1")
    assert (await purchasing.get(location))["vendor_no"] == no
    await purchasing.patch(location, {"your_reference": "B"})
    await purchasing.patch(f"{location}/lines/10000", {"quantity": "3"})
    await purchasing.post(f"{location}/release")
    assert (await purchasing.post(f"{location}/post", {"receive": True}))["receipt_no"]


async def of_planning(planning: AnyService, no: str, code: str) -> None:
    described = ({"description": "A"}, {"description": "B"})
    await put_and_change(planning, f"/items/{at(no)}", *described, no=no)
    await put_and_change(planning, f"/locations/{at(code)}", {"name": "A"}, {"name": "B"}, code=code)
    await put_and_change(
        planning,
        f"/stockkeeping-units/{at(code)}/{at(no)}",
        {"safety_stock": "1"},
        {"safety_stock": "2"},
        location_code=code,
        item_no=no,
    )
    worksheet = await put_and_change(planning, f"/requisition-worksheets/{at(no)}", *described, name=no)
    new = {"item_no": no, "quantity": "2", "vendor_no": VENDOR, "location_code": code}
    made = await planning.send("POST", f"{worksheet}/lines", new)
    assert made.status_code == 201, made.text
    line = made.headers["location"].removeprefix("/v1")
    assert (await planning.get(line))["item_no"] == no
    await planning.patch(line, {"quantity": "3"})
    await planning.post("/item-journal", {"lines": [{"item_no": no, "location_code": code, "quantity": "5"}]})
    assert (await planning.get("/stock", item_no=no.replace(",", r"\,")))["items"][0]["stock"] == "5"
    assert (await planning.get("/availability", item_no=no, location_code=code))["item_no"] == no


async def of_gateway(gateway: AnyService, no: str, _: str) -> None:
    await put_and_change(
        gateway, f"/functionality-profiles/{at(no)}", {}, {"create_customer_order_in_async_mode": True}
    )
    store = {"time_zone": "Europe/Berlin", "currency_code": "EUR", "location_code": LOCATION}
    location = await put_and_change(
        gateway, f"/stores/{at(no)}", store, store | {"name": "B", "profile_id": no}, no=no
    )
    await put_and_change(gateway, f"/workers/{at(no)}", {"name": "A"}, {"name": "B"}, id=no)
    terminal = await gateway.post(f"{location}/terminals", {"no": no})
    token = await gateway.post("/terminals/token", {"terminal_no": no, "secret": terminal["secret"]})
    assert token["access_token"]
    await copy(gateway, "item", no, no=no)
    assert [item["no"] for item in (await gateway.get("/items", query=no))["items"]] == [no]
    assert (await gateway.get(f"/items/{at(no)}/availability"))["items"]
    order = {
        "transaction": {"store_no": STORE_NO, "terminal_no": f"{STORE_NO}-1", "business_date": "2026-03-02",
                        "sequence": 7},
        "occurred_at": "2026-03-02T10:00:00Z",
        "customer_no": "C-1001",
        "receipt_no": no,
        "fulfilment": {"mode": "pickup", "store_no": STORE_NO},
        "lines": [{"item_no": ITEM, "quantity": "2", "unit_price": "12.50"}],
    }  # fmt: skip
    made = await gateway.send("POST", "/customer-orders", order)
    assert made.status_code == 202, made.text
    assert (await gateway.get(made.headers["location"].removeprefix("/v1")))["receipt_no"] == no
    found = await gateway.get("/customer-orders", order_no=no.replace(",", r"\,"))
    assert [each["receipt_no"] for each in found["items"]] == [no]


USED_IN: Final[Mapping[str, Callable[[AnyService, str, str], Awaitable[None]]]] = {
    "sales": of_sales,
    "purchasing": of_purchasing,
    "planning": of_planning,
    "pos-gateway": of_gateway,
}


@pytest.mark.parametrize(("no", "code"), [(no, CODES[i % len(CODES)]) for i, no in enumerate(NUMBERS)])
async def test_what_a_201_names_is_read_changed_and_used(served: AnyService, no: str, code: str) -> None:
    await USED_IN[served.service.name](served, no, code)


@pytest.mark.parametrize("number", REFUSED)
async def test_what_nobody_can_see_or_address_is_refused_everywhere(served: AnyService, number: str) -> None:
    """In a body, in a path (dots alone are part of the address there) and as a prefix of a number series."""
    bodies = {
        "sales": ("POST", "/sales-orders", {"no": number, "customer_no": "C-1001", "lines": []}),
        "purchasing": ("POST", "/purchase-orders", {"no": number, "vendor_no": VENDOR}),
        "planning": ("POST", "/item-journal", {"lines": [{"item_no": number, "quantity": "1"}]}),
        "pos-gateway": ("POST", f"/stores/{STORE_NO}/terminals", {"no": number}),
    }
    requests = [bodies[served.service.name]]
    if not number.startswith("."):
        paths = {"sales": "customers", "purchasing": "vendors", "planning": "items", "pos-gateway": "workers"}
        body = {"description": "A"} if served.service.name == "planning" else {"name": "A"}
        requests.append(("PUT", f"/{paths[served.service.name]}/{at(number)}", body))
    series = next((path for t, path in served.resources.items() if t.startswith("/number-series")), None)
    if series and not number.startswith("."):
        requests.append(("PUT", series, {"prefix": number, "next": 1}))
    for request in requests:
        refused = await served.send(*request)
        assert (refused.status_code, "malformed-number" in refused.text) == (422, True), (
            request,
            refused.text,
        )


async def test_a_blank_number_in_a_path_is_refused_everywhere(served: AnyService) -> None:
    """BC-MD-01: a number is trimmed, so blanks alone are none."""
    paths = {"sales": "customers", "purchasing": "vendors", "planning": "items", "pos-gateway": "workers"}
    body = {"description": "A"} if served.service.name == "planning" else {"name": "A"}
    refused = await served.send("PUT", f"/{paths[served.service.name]}/%20", body)
    assert (refused.status_code, "malformed-number" in refused.text) == (422, True), refused.text


async def test_a_series_gives_numbers_with_slashes(served: AnyService) -> None:
    made = {
        "sales": ("sales-order", "/sales-orders", {"customer_no": "C-1001", "lines": []}),
        "purchasing": ("purchase-order", "/purchase-orders", {"vendor_no": VENDOR}),
    }
    if served.service.name not in made:
        return  # planning and the gateway number no documents by series
    code, path, body = made[served.service.name]
    await served.put(f"/number-series/{code}", {"prefix": "SO/2026 #", "next": 1})
    answer = await served.send("POST", path, body)
    assert (answer.status_code, answer.json()["no"]) == (201, "SO/2026 #1")
    assert (await served.get(answer.headers["location"].removeprefix("/v1")))["no"] == "SO/2026 #1"
