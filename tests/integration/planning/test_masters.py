"""Items, locations, stockkeeping units and the setup over HTTP."""

from __future__ import annotations

import pytest

from contracts.planning.masters import Item, PlanningSetup, StockkeepingUnit
from contracts.planning.requests import PurchaseRequest
from contracts.sales.masters import PurchasingCode
from contracts.topics import KINDS
from eventkit.republish import republish
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import mixed_order, open_company, sales_line, sales_order


async def test_put_makes_changes_and_leaves_alone(planning: Planning) -> None:
    body = {"description": "Rope", "unit_price": 12.5}
    first = await planning.put("/items/a1 ", body, expect=201)
    assert (first["no"], first["version"], first["unit_price"]) == ("A1", 1, "12.5")
    assert first["units_of_measure"] == [{"code": "PCS", "qty_per": "1"}]
    assert (await planning.put("/items/A1", body, expect=200))["version"] == 1
    assert (await planning.put("/items/A1", body | {"critical": True}, expect=200))["version"] == 2
    assert [i.version for i in await planning.published(Item)] == [1, 2]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "service", "reserve": "optional"}, "reserve-must-be-never"),
        ({"vendor_no": "V404"}, "unknown-vendor"),
        ({"purchasing_code": "NONE"}, "unknown-purchasing-code"),
        ({"sales_unit_of_measure": "BOX"}, "unknown-unit-of-measure"),
        ({"units_of_measure": [{"code": "BOX", "qty_per": 6}] * 2}, "duplicate-unit-of-measure"),
        ({"minimum_order_quantity": 5, "maximum_order_quantity": 4}, "minimum-above-maximum"),
    ],
)
async def test_item_that_contradicts_itself_is_refused(
    planning: Planning, body: dict[str, object], code: str
) -> None:
    """BC-MD-06, BC-MD-09, BC-PL-25."""
    answer = await planning.put("/items/X", body, expect=422)
    assert answer["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        {"lead_time_days": -1},
        {"reorder_point": "-1"},
        {"unit_price": "1.00001"},
        {"type": "kit"},
        {"no": "X"},
        {"replenishment_system": "assembly"},
    ],
)
async def test_item_with_fields_that_cannot_be_is_refused(
    planning: Planning, body: dict[str, object]
) -> None:
    """BC-PL-29."""
    await planning.put("/items/X", body, expect=422)


async def test_special_order_item_that_is_always_reserved_is_accepted_with_a_warning(
    planning: Planning,
) -> None:
    """BC-MD-10."""
    await planning.deliver(
        ("purchasing-code", "SPEC", PurchasingCode(version=1, code="SPEC", special_order=True))
    )
    answer = await planning.put("/items/X", {"purchasing_code": "SPEC", "reserve": "always"}, expect=201)
    assert [w["code"] for w in answer["warnings"]] == ["reserve-must-be-never"]


async def test_items_bought_for_customers_may_have_any_reordering_policy(planning: Planning) -> None:
    """BC-MD-13: `order` is recommended, not enforced."""
    await planning.deliver(
        ("purchasing-code", "SPEC", PurchasingCode(version=1, code="SPEC", special_order=True))
    )
    for policy in ("order", "lot_for_lot", ""):
        item = {"purchasing_code": "SPEC", "reordering_policy": policy}
        answer = await planning.put(f"/items/ANY-{policy}".rstrip("-"), item, expect=201)
        assert (answer["reordering_policy"], "warnings" in answer) == (policy, False)


async def test_base_unit_cannot_change_after_postings(planning: Planning) -> None:
    await open_company(planning)
    await planning.post(
        "/item-journal", {"lines": [{"item_no": "1000", "location_code": "NORTH", "quantity": "1"}]}
    )
    answer = await planning.put("/items/1000", {"base_unit_of_measure": "M"}, expect=409)
    assert answer["code"] == "has-postings"


async def test_stockkeeping_unit_overrides_vendor_and_lead_time(planning: Planning) -> None:
    """BC-MD-12."""
    await open_company(planning)
    await planning.put(
        "/stockkeeping-units/north/1100", {"vendor_no": "V20", "lead_time_days": 2}, expect=201
    )
    await planning.deliver(("sales-order", "S-1", mixed_order("S-1")))
    requests = {r.lines[0].item_no: r for r in await planning.published(PurchaseRequest)}
    assert (requests["1100"].vendor_no, str(requests["1100"].order_date)) == ("V20", "2026-03-17")
    assert [u.vendor_no for u in await planning.published(StockkeepingUnit)] == ["V20"]
    unknown = await planning.put("/stockkeeping-units/SOUTH/404", {}, expect=422)
    assert {e["code"] for e in unknown["errors"]} == {"unknown-item", "unknown-location"}


async def test_setup_has_defaults_and_is_told(planning: Planning) -> None:
    assert (await planning.get("/planning-setup"))["automation"] == "purchase_order"
    await planning.put("/planning-setup", {"automation": "manual"})
    assert [s.automation for s in await planning.published(PlanningSetup)] == ["manual"]


async def test_stale_put_is_refused(planning: Planning) -> None:
    await planning.put("/items/X", {})
    stale = await planning.refused("PUT", "/items/X", {"critical": True}, headers={"If-Match": '"7"'})
    assert stale == (412, ["stale-version"])


async def test_lists_page_filter_and_know_what_is_unknown(planning: Planning) -> None:
    await open_company(planning)
    page = await planning.get("/items", limit=2)
    assert [x["no"] for x in page["items"]] == ["1000", "1100"]
    rest = await planning.get("/items", limit=2, cursor=page["next_cursor"])
    assert [x["no"] for x in rest["items"]] == ["1200"]
    assert [x["no"] for x in (await planning.get("/items", vendor_no="V20"))["items"]] == ["1200"]
    assert [x["no"] for x in (await planning.get("/items", query="rop"))["items"]] == ["1000"]
    assert (await planning.get("/items/404", expect=404))["code"] == "unknown-item"


async def test_republish_gives_every_kind_at_the_same_version(planning: Planning) -> None:
    await open_company(planning, automation="purchase_order")
    await planning.put("/stockkeeping-units/NORTH/1000", {})
    await planning.put("/catalog-items/CAT-1", {"vendor_no": "V10", "vendor_item_no": "T-3"})
    await planning.post(
        "/item-journal", {"lines": [{"item_no": "1000", "location_code": "NORTH", "quantity": "1"}]}
    )
    await planning.deliver(("sales-order", "S-1", mixed_order("S-1")))
    wish = {"sales_order_no": "S-1", "line_no": 10000, "quantity": "1", "from": "stock"}
    await planning.post("/reservations", wish)
    promised = sales_order("S-2", sales_line(10000, "1000"), status="open")
    await planning.deliver(("sales-order", "S-2", promised))
    await planning.post("/order-promising/accept", {"sales_order_no": "S-2"}, expect=202)
    current = planning.service.current
    for kind, read in current.items():
        model = KINDS[kind].model
        before = {x.version for x in await planning.published(model)}
        await planning.forget_published()
        counts = [n async for n in republish(planning.database, KINDS[kind], read)]
        assert counts, kind
        again = {x.version for x in await planning.published(model)}
        assert before <= again, kind
    assert [n async for n in republish(planning.database, KINDS["demand"], current["demand"], open_only=True)]


async def test_what_nothing_uses_is_deleted_and_lists_of_changes_say_so(planning: Planning) -> None:
    """BC-MD-12: without its stockkeeping unit an item has its own vendor again."""
    await open_company(planning)
    await planning.put("/items/9000", {"description": "Never sold"})
    await planning.put("/locations/NOWHERE", {"name": "Nowhere"})
    await planning.put("/stockkeeping-units/NOWHERE/9000", {"vendor_no": "V20"})
    for path in ("/stockkeeping-units/NOWHERE/9000", "/items/9000", "/locations/NOWHERE"):
        await planning.delete(path)
        assert (await planning.refused("GET", path))[0] == 404
        assert (await planning.refused("DELETE", path))[0] == 404
    changes = await planning.get("/items", updated_since="2026-01-01T00:00:00Z")
    assert [x["no"] for x in changes["items"] if x.get("deleted")] == ["9000"]
    assert (await planning.published(Item, "9000"))[-1].deleted


async def test_items_and_locations_on_documents_stay(planning: Planning) -> None:
    """BC-MD-11: they are blocked instead."""
    await open_company(planning)
    await planning.deliver(("sales-order", "S-1", mixed_order("S-1")))
    for item_no in ("1000", "1100", "1200"):
        assert await planning.refused("DELETE", f"/items/{item_no}") == (409, ["item-in-use"])
    assert await planning.refused("DELETE", "/locations/NORTH") == (409, ["location-in-use"])
