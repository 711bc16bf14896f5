"""Catalog items over HTTP, and the items that lines of sales orders make of them."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec.structs import replace

from contracts.planning.masters import CatalogItem, Item
from contracts.planning.requests import PurchaseRequest
from contracts.sales.orders import SalesLine
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, sales_line, sales_order

TENT = {
    "vendor_no": "V10",
    "vendor_item_no": "TENT-3P",
    "description": "Tent",
    "unit_price": "349.00",
    "direct_unit_cost": "210.00",
    "purchasing_code": "SPEC",
}
ROUNDS = 20


def selecting(line_no: int = 10000, item_no: str = "TENT-3P", entry_no: str = "CAT-1") -> SalesLine:
    """A line that selected a catalog item: a special order."""
    flagged = sales_line(line_no, "1100")
    return replace(flagged, item_no=item_no, nonstock=True, catalog_entry_no=entry_no)


async def codes(planning: Planning, method: str, path: str, body: Any = None, status: int = 409) -> list[str]:
    response = await planning.send(method, path, body)
    assert response.status_code == status, response.text
    return [f"{e['code']} {e.get('pointer', '')}".strip() for e in response.json()["errors"]]


async def test_an_entry_reserves_the_number_of_its_item_and_becomes_it_once(planning: Planning) -> None:
    """BC-MD-23 to 27."""
    await open_company(planning)
    entry = await planning.put("/catalog-items/cat-1", TENT, expect=201)
    assert (entry["entry_no"], entry["item_no"], entry["item_created"]) == ("CAT-1", "TENT-3P", False)
    assert await codes(planning, "PUT", "/catalog-items/CAT-2", TENT) == [
        "catalog-item-exists /vendor_item_no"
    ]
    assert await codes(planning, "PUT", "/catalog-items/CAT-2", TENT | {"vendor_no": "V99"}, 422) == [
        "unknown-vendor /vendor_no"
    ]
    assert await codes(planning, "PUT", "/items/TENT-3P", {"description": "Mine"}) == ["item-no-reserved"]
    other = await planning.put("/catalog-items/CAT-2", TENT | {"vendor_no": "V20"}, expect=201)
    assert other["item_no"] == "CAT-2", "the number is reserved for another entry"
    changed = await planning.put("/catalog-items/CAT-1", TENT | {"description": "Tent for three"})
    assert changed["item_no"] == "TENT-3P"

    made = await planning.post("/catalog-items/CAT-1/create-item")
    assert (made["item_created"], made["version"]) == (True, 3)
    item = await planning.get("/items/TENT-3P")
    assert (item["created_from_catalog"], item["vendor_no"], item["vendor_item_no"]) == (
        True,
        "V10",
        "TENT-3P",
    )
    assert (item["unit_price"], item["unit_cost"], item["last_direct_cost"]) == ("349.00", "210.00", "210.00")
    assert await codes(planning, "POST", "/catalog-items/CAT-1/create-item") == ["item-exists"]
    assert await codes(planning, "PUT", "/catalog-items/CAT-1", TENT) == ["item-exists /description"]
    assert await codes(planning, "POST", "/catalog-items/CAT-9/create-item", None, 404) == [
        "unknown-catalog-item"
    ]
    put = await planning.put("/items/TENT-3P", {"description": "Mine", "vendor_no": "V10"})
    assert put["created_from_catalog"] is True
    listed = await planning.get("/catalog-items?vendor_no=V10")
    assert [each["entry_no"] for each in listed["items"]] == ["CAT-1"]
    await planning.delete("/catalog-items/CAT-2")
    assert (await planning.send("GET", "/catalog-items/CAT-2")).status_code == 404
    assert (await planning.published(CatalogItem, "CAT-1"))[-1].item_created


async def test_the_setup_says_how_items_of_the_catalog_are_numbered(planning: Planning) -> None:
    """BC-MD-26."""
    await open_company(planning)
    wrong = {"catalog_item_no_format": "item_no_series", "catalog_item_no_separator": "-"}
    assert await codes(planning, "PUT", "/planning-setup", wrong, 422) == [
        "out-of-range /catalog_item_no_separator"
    ]
    await planning.put("/planning-setup", {"catalog_item_no_format": "item_no_series"})
    await planning.put("/items/I-1001", {"description": "By hand"})
    entry = await planning.put("/catalog-items/CAT-1", TENT, expect=201)
    assert entry["item_no"] == "I-1002", "a number that an item has is left out"
    await planning.put("/number-series/item", {"prefix": "I-", "next": 1003, "last": 1002})
    assert (await planning.get("/number-series/item"))["last"] == 1002
    other = TENT | {"vendor_item_no": "X"}
    assert await codes(planning, "PUT", "/catalog-items/CAT-2", other) == ["number-series-exhausted"]


async def test_a_line_that_selects_an_entry_makes_the_item_and_buys_it(planning: Planning) -> None:
    """BC-MD-28, BC-MD-30; BC-MD-29 when the line goes."""
    await open_company(planning)
    await planning.put("/catalog-items/CAT-1", TENT, expect=201)
    await planning.forget_published()
    order = sales_order("S-1", selecting())
    await planning.deliver(("sales-order", "S-1", order))
    await planning.deliver(("sales-order", "S-1", order))
    assert (await planning.get("/items/TENT-3P"))["created_from_catalog"] is True
    assert (await planning.get("/catalog-items/CAT-1"))["item_created"] is True
    (request,) = await planning.published(PurchaseRequest)
    assert [(line.item_no, line.nonstock) for line in request.lines] == [("TENT-3P", True)]
    (line,) = (await planning.get("/requisition-lines?sales_order_no=S-1&status=all"))["items"]
    assert (line["nonstock"], line["vendor_no"]) == (True, "V10")


async def test_the_item_goes_with_the_last_line_that_selected_it(planning: Planning) -> None:
    """BC-MD-29."""
    await open_company(planning, automation="manual")
    await planning.put("/catalog-items/CAT-1", TENT, expect=201)
    kept, gone = selecting(), selecting(20000)
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", kept, gone)))
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", kept, version=2)))
    assert (await planning.get("/items/TENT-3P"))["version"] == 1, "another line still needs it"
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", version=3, deleted=True)))
    assert (await planning.send("GET", "/items/TENT-3P")).status_code == 404
    entry = await planning.get("/catalog-items/CAT-1")
    assert (entry["item_created"], entry["item_no"]) == (False, "TENT-3P")
    assert (await planning.published(Item, "TENT-3P"))[-1].deleted
    await planning.deliver(("sales-order", "S-2", sales_order("S-2", selecting())))
    assert (await planning.get("/items/TENT-3P"))["version"] == 3, "selected again it is there again"

    await planning.post("/catalog-items/CAT-1/create-item", expect=409)


async def test_an_item_that_a_person_made_stays(planning: Planning) -> None:
    await open_company(planning, automation="manual")
    await planning.put("/catalog-items/CAT-1", TENT, expect=201)
    await planning.post("/catalog-items/CAT-1/create-item")
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", selecting())))
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", version=2, deleted=True)))
    assert (await planning.get("/items/TENT-3P"))["version"] == 1


async def test_two_at_once_make_one_entry_and_one_item(planning: Planning) -> None:
    """BC-MD-24, BC-MD-27: twenty rounds of two entries for one vendor's number, and of two acts on one of them."""
    await open_company(planning, automation="manual")
    for n in range(ROUNDS):
        offered = TENT | {"vendor_item_no": f"T-{n}"}
        puts = await asyncio.gather(
            planning.send("PUT", f"/catalog-items/A-{n}", offered),
            planning.send("PUT", f"/catalog-items/B-{n}", offered),
        )
        assert sorted(each.status_code for each in puts) == [201, 409]
        (entry,) = (each.json() for each in puts if each.status_code == 201)
        acts = await asyncio.gather(
            *(planning.send("POST", f"/catalog-items/{entry['entry_no']}/create-item") for _ in range(2))
        )
        assert sorted(each.status_code for each in acts) == [200, 409]
        assert (await planning.get(f"/items/T-{n}"))["version"] == 1


async def test_an_act_and_a_line_at_once_make_one_item(planning: Planning) -> None:
    """BC-MD-28: twenty rounds; the line's is a fact and is never refused."""
    await open_company(planning, automation="manual")
    for n in range(ROUNDS):
        await planning.put(f"/catalog-items/A-{n}", TENT | {"vendor_item_no": f"T-{n}"}, expect=201)
        order = sales_order(f"S-{n}", selecting(item_no=f"T-{n}", entry_no=f"A-{n}"))
        _, act = await asyncio.gather(
            planning.deliver(("sales-order", order.no, order)),
            planning.send("POST", f"/catalog-items/A-{n}/create-item"),
        )
        assert act.status_code in {200, 409}, act.text
        assert (await planning.get(f"/items/T-{n}"))["version"] == 1
        assert (await planning.get(f"/catalog-items/A-{n}"))["version"] == 2
    assert await planning.sql("SELECT 1 FROM parked") == [], "no order was refused"
