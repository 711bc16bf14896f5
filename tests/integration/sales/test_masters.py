"""Master data: upserts with versions, no physical deletes, published for the others."""

from __future__ import annotations

import pytest

from contracts.sales.masters import Customer, PurchasingCode, ShipToAddress
from contracts.sales.orders import SalesOrder
from contracts.topics import KINDS
from eventkit.republish import republish
from sales.store.snapshots import SNAPSHOTS
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import SPECIAL, STOCK, pulled, till_order


async def test_put_creates_changes_and_leaves_alone(sales: Sales) -> None:
    made = await sales.send("PUT", "/customers/c7", {"name": "Café Ø"})
    assert (made.status_code, made.json()["no"], made.headers["ETag"]) == (201, "C7", '"1"')
    same = await sales.send("PUT", "/customers/C7", {"name": "Café Ø"})
    assert (same.status_code, same.json()["version"]) == (200, 1)
    changed = await sales.send("PUT", "/customers/C7", {"name": "Café", "blocked": "all"})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert [c.version for c in await sales.published(Customer, "C7")] == [1, 2]
    stale = await sales.refused("PUT", "/customers/C7", {"name": "x"}, headers={"If-Match": '"1"'})
    assert stale == (412, ["stale-version"])
    listed = (await sales.get("/customers", blocked="all"))["items"]
    assert [c["no"] for c in listed] == ["C7"]


async def test_a_company_that_was_never_set_up_is_unknown(sales: Sales) -> None:
    await sales.sql("DELETE FROM master WHERE kind = 'company'")
    assert await sales.refused("GET", "/company") == (404, ["unknown-company"])


async def test_a_purchasing_code_is_one_thing_or_the_other(sales: Sales) -> None:
    """BC-MD-01, BC-MD-02."""
    both = {"special_order": True, "drop_shipment": True}
    assert await sales.refused("PUT", "/purchasing-codes/BOTH", both) == (422, ["purchasing-code-exclusive"])
    assert await sales.refused("PUT", "/purchasing-codes/SPEC", both) == (422, ["purchasing-code-exclusive"])
    assert (await sales.refused("PUT", "/purchasing-codes/MUCHTOOLONGCODE", {}))[0] == 422
    assert (await sales.put("/purchasing-codes/NEUTRAL", {}))["special_order"] is False


async def test_a_deleted_code_is_gone_for_new_lines_and_tells_so(sales: Sales) -> None:
    """BC-MD-05: lines that have it keep their flags."""
    order = await sales.order(SPECIAL)
    assert (await sales.send("DELETE", "/purchasing-codes/SPEC")).status_code == 204
    assert (await sales.refused("GET", "/purchasing-codes/SPEC"))[0] == 404
    told = (await sales.published(PurchasingCode, "SPEC"))[-1]
    assert (told.deleted, told.version) == (True, 2)
    refused = await sales.refused("POST", "/sales-orders", {"customer_no": "C1", "lines": [SPECIAL]})
    assert refused == (422, ["unknown-purchasing-code"])
    assert (await sales.get(f"/sales-orders/{order['no']}"))["lines"][0]["special_order"] is True
    again = await sales.send("PUT", "/purchasing-codes/SPEC", {"special_order": True})
    assert (again.status_code, again.json()["version"]) == (201, 3)


async def test_addresses_belong_to_customers_and_are_copied_into_orders(sales: Sales) -> None:
    """BC-MD-19."""
    body = {"name": "Shed", "address": "Dock 3", "city": "Ulm", "location_code": "SHOP"}
    await sales.put("/customers/C1/ship-to-addresses/SHED", body)
    assert (await sales.refused("PUT", "/customers/C99/ship-to-addresses/SHED", body))[0] == 404
    order = await sales.order(STOCK, ship_to_code="SHED")
    assert (order["ship_to"]["city"], order["location_code"]) == ("Ulm", "SHOP")
    unknown = {"customer_no": "C1", "ship_to_code": "NOPE"}
    assert await sales.refused("POST", "/sales-orders", unknown) == (422, ["unknown-ship-to-address"])
    (told,) = await sales.published(ShipToAddress)
    assert (told.customer_no, told.code) == ("C1", "SHED")


async def test_foreign_currency_needs_a_rate(sales: Sales) -> None:
    body = {"customer_no": "C1", "currency_code": "USD", "order_date": "2026-02-01", "lines": [STOCK]}
    assert await sales.refused("POST", "/sales-orders", body) == (422, ["exchange-rate-missing"])
    rate = await sales.put("/exchange-rates/usd/2026-01-01", {"rate": "0.92"})
    assert rate["rate"] == "0.92"
    assert (await sales.post("/sales-orders", body))["currency_code"] == "USD"
    yen = {**body, "currency_code": "JPY", "lines": [{**STOCK, "unit_price": "10.5"}]}
    await sales.put("/exchange-rates/JPY/2026-01-01", {"rate": "0.006"})
    assert await sales.refused("POST", "/sales-orders", yen) == (422, ["too-many-decimals"])


async def test_setup_decides_what_is_shipped_by_default(sales: Sales) -> None:
    """BC-SD-07."""
    assert (await sales.get("/sales-setup"))["default_qty_to_ship"] == "remainder"
    order = await sales.order(STOCK)
    assert order["lines"][0]["qty_to_ship"] == "4"
    await sales.put("/sales-setup", {"default_qty_to_ship": "blank", "synchronization_interval_s": "0.2"})
    assert (await sales.get(f"/sales-orders/{order['no']}"))["lines"][0]["qty_to_ship"] == "0"


async def test_the_company_s_currency_cannot_change_while_there_are_orders(sales: Sales) -> None:
    company = {"name": "N", "time_zone": "Europe/Berlin"}
    order = await sales.order(STOCK)
    assert await sales.refused("PUT", "/company", {**company, "currency_code": "USD"}) == (
        409,
        ["currency-in-use"],
    )
    await sales.put("/company", {**company, "currency_code": "EUR"})
    await sales.send("DELETE", f"/sales-orders/{order['no']}")
    await sales.put("/company", {**company, "currency_code": "USD"})


async def test_an_item_s_price_reaches_an_order_in_the_order_s_currency(sales: Sales) -> None:
    await sales.put("/exchange-rates/JPY/2026-01-01", {"rate": "0.006"})
    order = await sales.order({"item_no": STOCK["item_no"], "quantity": 1}, currency_code="JPY")
    price = order["lines"][0]["unit_price"]
    assert "." not in price
    path = f"/sales-orders/{order['no']}/lines/10000"
    changed = await sales.patch(path, {"unit_price": price})
    assert changed["lines"][0]["unit_price"] == price, "a price that is answered is accepted"
    assert await sales.refused("PATCH", path, {"unit_price": "10.55"}) == (422, ["too-many-decimals"])


async def test_everything_published_can_be_published_again(sales: Sales) -> None:
    order = await sales.released(STOCK)
    posted = await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True, "invoice": True})
    await sales.post(f"/posted-sales-invoices/{posted['invoice_no']}/correct")
    await sales.post("/sales-invoices", {"customer_no": "C1", "lines": [STOCK]})
    await sales.deliver(pulled(till_order(1)))
    await sales.post("/order-synchronization/run", {})
    await sales.put("/customers/C1/ship-to-addresses/A", {"name": "x"})
    await sales.put("/exchange-rates/USD/2026-01-01", {"rate": "0.92"})
    versions = {s.version for s in await sales.published(SalesOrder)}
    await sales.forget_published()
    for kind, reader in SNAPSHOTS.items():
        async for _ in republish(sales.database, KINDS[kind], reader):
            pass
        assert await sales.published(KINDS[kind].model), kind
    orders = {s.no: s.version for s in await sales.published(SalesOrder)}
    assert orders[order["no"]] == max(versions)


async def test_there_is_no_company_before_it_is_set_up(sales: Sales) -> None:
    await sales.sql("DELETE FROM master WHERE kind = 'company'")
    assert await sales.refused("GET", "/company") == (404, ["unknown-company"])


async def test_settings_that_were_never_put_can_be_put_at_their_version(sales: Sales) -> None:
    unset = await sales.send("GET", "/sales-setup")
    assert (unset.json()["version"], unset.headers["etag"]) == (0, '"0"')
    same = await sales.send("GET", "/sales-setup", headers={"If-None-Match": '"0"'})
    assert same.status_code == 304
    body, seen = {"default_qty_to_ship": "blank"}, {"If-Match": '"0"'}
    put = await sales.send("PUT", "/sales-setup", body, headers=seen)
    assert (put.status_code, put.headers["etag"]) == (201, '"1"')
    assert (await sales.send("PUT", "/sales-setup", body, headers=seen)).status_code == 412


async def test_the_rate_of_the_company_s_currency_is_1(sales: Sales) -> None:
    refused = await sales.refused("PUT", "/exchange-rates/EUR/2026-01-01", {"rate": "2"})
    assert refused == (422, ["out-of-range"])
    await sales.put("/exchange-rates/EUR/2026-01-01", {"rate": "1"}, expect=201)


async def test_addresses_of_a_customer_are_found_by_their_name(sales: Sales) -> None:
    await sales.put("/customers/C1/ship-to-addresses/SHED", {"name": "Boat house"})
    await sales.put("/customers/C1/ship-to-addresses/ATTIC", {"name": "Under the roof"})
    found = await sales.get("/customers/C1/ship-to-addresses", query="boat")
    assert [address["code"] for address in found["items"]] == ["SHED"]


async def test_a_rate_tells_where_it_is_found(sales: Sales) -> None:
    made = await sales.send("PUT", "/exchange-rates/usd/2026-01-01", {"rate": "0.92"})
    assert made.status_code == 201
    assert made.headers["Location"] == "/v1/exchange-rates/USD/2026-01-01"
    assert (await sales.get("/exchange-rates/USD/2026-01-01"))["rate"] == "0.92"


async def test_an_address_tells_where_it_is_found(sales: Sales) -> None:
    made = await sales.send("PUT", "/customers/C1/ship-to-addresses/a%2F1", {"city": "Ulm"})
    assert made.headers["Location"] == "/v1/customers/C1/ship-to-addresses/A%2F1"


@pytest.mark.parametrize(
    "day", ["0", "1767225600", "2026-01-01T00:00:00", "20260101", "2026-02-30", "1800-01-01"]
)
async def test_a_day_in_a_path_is_written_as_in_a_body(sales: Sales, day: str) -> None:
    refused = await sales.refused("PUT", f"/exchange-rates/USD/{day}", {"rate": "0.92"})
    assert refused == (422, ["not-a-date"])


async def test_a_day_in_a_query_is_written_as_in_a_body(sales: Sales) -> None:
    for day in ("0", "1767225600", "2026-01-01T00:00:00"):
        refused = await sales.refused("GET", "/sales-orders", params={"order_date": day})
        assert refused == (422, ["not-a-date"])
