"""Items, locations, stockkeeping units and the setup over HTTP."""

from __future__ import annotations

import pytest

from contracts.sales import PurchasingCode
from contracts.topics import KINDS
from eventkit.republish import republish
from planning.app import build
from tests.integration.planning.rig import Rig
from tests.integration.planning.sample import mixed_order, open_company


async def test_put_makes_changes_and_leaves_alone(rig: Rig) -> None:
    body = {"description": "Rope", "unit_price": 12.5}
    first = await rig.put("/items/a1 ", body, 201)
    assert (first["no"], first["version"], first["unit_price"]) == ("A1", 1, "12.5")
    assert first["units_of_measure"] == [{"code": "PCS", "qty_per": "1"}]
    assert (await rig.put("/items/A1", body, 200))["version"] == 1
    assert (await rig.put("/items/A1", body | {"critical": True}, 200))["version"] == 2
    assert [i.version for i in await rig.published("item")] == [1, 2]


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
async def test_item_that_contradicts_itself_is_refused(rig: Rig, body: dict[str, object], code: str) -> None:
    """BC-MD-06, BC-MD-09, BC-PL-25, bad input 2 to 4."""
    answer = await rig.put("/items/X", body, 422)
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
async def test_item_with_fields_that_cannot_be_is_refused(rig: Rig, body: dict[str, object]) -> None:
    await rig.put("/items/X", body, 422)


async def test_special_order_item_that_is_always_reserved_is_accepted_with_a_warning(rig: Rig) -> None:
    """BC-MD-10."""
    await rig.deliver(("purchasing-code", "SPEC", PurchasingCode(version=1, code="SPEC", special_order=True)))
    answer = await rig.put("/items/X", {"purchasing_code": "SPEC", "reserve": "always"}, 201)
    assert [w["code"] for w in answer["warnings"]] == ["reserve-must-be-never"]


async def test_base_unit_cannot_change_after_postings(rig: Rig) -> None:
    await open_company(rig)
    await rig.post(
        "/item-journal", {"lines": [{"item_no": "1000", "location_code": "NORTH", "quantity": "1"}]}
    )
    answer = await rig.put("/items/1000", {"base_unit_of_measure": "M"}, 422)
    assert answer["code"] == "has-postings"


async def test_stockkeeping_unit_overrides_vendor_and_lead_time(rig: Rig) -> None:
    """BC-MD-12."""
    await open_company(rig)
    await rig.put("/stockkeeping-units/north/1100", {"vendor_no": "V20", "lead_time_days": 2}, 201)
    await rig.deliver(("sales-order", "S-1", mixed_order("S-1")))
    requests = {r.lines[0].item_no: r for r in await rig.published("purchase-request")}
    assert (requests["1100"].vendor_no, str(requests["1100"].order_date)) == ("V20", "2026-03-17")
    assert [u.vendor_no for u in await rig.published("stockkeeping-unit")] == ["V20"]
    unknown = await rig.put("/stockkeeping-units/SOUTH/404", {}, 422)
    assert {e["code"] for e in unknown["errors"]} == {"unknown-item", "unknown-location"}


async def test_setup_has_defaults_and_is_told(rig: Rig) -> None:
    assert (await rig.get("/planning-setup"))["automation"] == "purchase_order"
    await rig.put("/planning-setup", {"automation": "manual"})
    assert [s.automation for s in await rig.published("planning-setup")] == ["manual"]


async def test_stale_put_is_refused(rig: Rig) -> None:
    await rig.put("/items/X", {})
    answer = await rig.client.put("/v1/items/X", json={"critical": True}, headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale-version")


async def test_lists_page_filter_and_know_what_is_unknown(rig: Rig) -> None:
    await open_company(rig)
    page = await rig.get("/items", limit=2)
    assert [x["no"] for x in page["items"]] == ["1000", "1100"]
    rest = await rig.get("/items", limit=2, cursor=page["next_cursor"])
    assert [x["no"] for x in rest["items"]] == ["1200"]
    assert [x["no"] for x in (await rig.get("/items", vendor_no="V20"))["items"]] == ["1200"]
    assert [x["no"] for x in (await rig.get("/items", query="rop"))["items"]] == ["1000"]
    assert (await rig.get("/items/404", 404))["code"] == "unknown-item"


async def test_republish_gives_every_kind_at_the_same_version(rig: Rig) -> None:
    await open_company(rig, automation="purchase_order")
    await rig.put("/stockkeeping-units/NORTH/1000", {})
    await rig.post(
        "/item-journal", {"lines": [{"item_no": "1000", "location_code": "NORTH", "quantity": "1"}]}
    )
    await rig.deliver(("sales-order", "S-1", mixed_order("S-1")))
    service = build(rig.settings)
    for kind, current in service.current.items():
        before = {x.version for x in await rig.published(kind)}
        await rig.forget_published()
        counts = [n async for n in republish(rig.database, KINDS[kind], current)]
        assert counts, kind
        again = {x.version for x in await rig.published(kind)}
        assert before <= again, kind
    assert [
        n async for n in republish(rig.database, KINDS["demand"], service.current["demand"], open_only=True)
    ]
