"""Deleting master data: marked, not removed, and shown by time of change."""

from __future__ import annotations

import pytest

from contracts.sales.masters import Customer
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import STOCK


async def test_a_customer_with_open_documents_stays(sales: Sales) -> None:
    order = await sales.released(STOCK)
    assert await sales.refused("DELETE", "/customers/C1") == (409, ["customer-in-use"])
    await sales.post(f"/sales-orders/{order['no']}/cancel")
    quote = await sales.post("/sales-quotes", {"customer_no": "C1", "lines": [STOCK]})
    assert await sales.refused("DELETE", "/customers/C1") == (409, ["customer-in-use"])
    await sales.delete(f"/sales-quotes/{quote['no']}")
    await sales.delete("/customers/C1")
    assert (await sales.published(Customer, "C1"))[-1].deleted
    body = {"customer_no": "C1", "lines": [STOCK]}
    assert await sales.refused("POST", "/sales-orders", body) == (422, ["unknown-customer"])


async def test_an_order_keeps_its_copy_of_a_deleted_address(sales: Sales) -> None:
    """BC-MD-19."""
    await sales.put("/customers/C1/ship-to-addresses/SHED", {"name": "Anna", "city": "Ulm"})
    order = await sales.order(STOCK, ship_to_code="SHED")
    await sales.delete("/customers/C1/ship-to-addresses/SHED")
    now = await sales.post(f"/sales-orders/{order['no']}/release")
    assert (now["ship_to_code"], now["ship_to"]["city"]) == ("SHED", "Ulm")
    body = {"customer_no": "C1", "ship_to_code": "SHED"}
    assert await sales.refused("POST", "/sales-orders", body) == (422, ["unknown-ship-to-address"])


async def test_a_line_keeps_a_deleted_charge(sales: Sales) -> None:
    charge = {"type": "charge", "charge_code": "SHIPPING", "unit_price": "5.00"}
    order = await sales.order(STOCK, charge)
    await sales.delete("/charge-codes/SHIPPING")
    posted = await sales.post(f"/sales-orders/{order['no']}/post", {"ship": True, "invoice": True})
    assert posted["invoice_no"]
    assert (await sales.refused("POST", f"/sales-orders/{order['no']}/lines", charge))[0] in {409, 422}
    other = await sales.order(STOCK)
    path = f"/sales-orders/{other['no']}/lines"
    assert await sales.refused("POST", path, charge) == (422, ["unknown-charge-code"])


@pytest.mark.parametrize(
    "path",
    ["/customers/NONE", "/customers/C1/ship-to-addresses/NONE", "/charge-codes/NONE"],
)
async def test_what_does_not_exist_is_not_deleted(sales: Sales, path: str) -> None:
    assert (await sales.refused("DELETE", path))[0] == 404


async def test_deleted_records_are_shown_by_time_of_change(sales: Sales) -> None:
    """E8."""
    since = (await sales.get("/customers/C1"))["updated_at"]
    await sales.delete("/customers/C1")
    found = (await sales.get("/customers", updated_since=since))["items"]
    assert [(each["no"], each["deleted"]) for each in found if each["no"] == "C1"] == [("C1", True)]
