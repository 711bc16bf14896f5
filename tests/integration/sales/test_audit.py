"""Who changed what of documents and settings (E7)."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from httpkit.audit import forget_audit
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import SPECIAL, STOCK


async def trail(sales: Sales, **filters: Any) -> list[Any]:
    """Entries of the audit trail, the newest first."""
    items: list[Any] = (await sales.get("/audit", token=sales.issuer.token("audit:read"), **filters))["items"]
    return items


def change(field: str, old: str | None, new: str | None, line_no: int | None = None) -> dict[str, Any]:
    return {"field": field, "line_no": line_no, "old": old, "new": new}


async def test_a_change_of_an_order_is_told_with_who_and_old_and_new_values(sales: Sales) -> None:
    """E7."""
    order = await sales.order(STOCK)
    await sales.patch(
        f"/sales-orders/{order['no']}",
        {"your_reference": "Anniversary"},
        token=sales.issuer.token("sales:write", subject="anna"),
    )
    (entry,) = await trail(sales, kind="sales-order", no=order["no"].lower())
    assert (entry["by"], entry["version"]) == ("anna", 2)
    assert entry["changes"] == [change("your_reference", "", "Anniversary")]


async def test_a_line_s_change_names_the_line(sales: Sales) -> None:
    """E7."""
    order = await sales.order(SPECIAL)
    await sales.patch(f"/sales-orders/{order['no']}/lines/10000", {"quantity": "8"})
    await sales.delete(f"/sales-orders/{order['no']}")
    deleted, changed = await trail(sales, no=order["no"])
    assert change("quantity", "5", "8", 10000) in changed["changes"]
    assert change("deleted", old="false", new="true") in deleted["changes"]


async def test_making_an_order_is_no_change(sales: Sales) -> None:
    """E7: so a till's order writes no row."""
    order = await sales.order(STOCK)
    assert await trail(sales, no=order["no"]) == []


async def test_settings_are_told_when_they_are_made_changed_and_deleted(sales: Sales) -> None:
    """E7."""
    await sales.put("/purchasing-codes/AUDITED", {"description": "First"})
    await sales.put("/purchasing-codes/AUDITED", {"description": "Second"})
    await sales.put("/purchasing-codes/AUDITED", {"description": "Second"})
    await sales.delete("/purchasing-codes/AUDITED")
    found = await trail(sales, kind="purchasing-code", no="AUDITED")
    assert [entry["happened"] for entry in found] == [["deleted"], ["changed"], ["created"]]
    assert found[1]["changes"] == [change("description", "First", "Second")]
    assert change("description", None, "First") in found[2]["changes"]


async def test_a_number_series_is_a_setting(sales: Sales) -> None:
    """E7."""
    before = await sales.get("/number-series/sales-order")
    await sales.put("/number-series/sales-order", {"prefix": "AUD-", "next": 1})
    (entry,) = await trail(sales, kind="number-series", no="sales-order")
    assert change("prefix", before["prefix"], "AUD-") in entry["changes"]


async def test_the_trail_has_pages_filters_and_a_range_of_time(sales: Sales) -> None:
    """E7."""
    for text in ("One", "Two", "Three"):
        await sales.put("/charge-codes/PAGED", {"description": text})
    token = sales.issuer.token("audit:read")
    first = await sales.get("/audit", token=token, no="PAGED", limit=2)
    second = await sales.get("/audit", token=token, no="PAGED", limit=2, cursor=first["next_cursor"])
    descriptions = [
        each["new"]
        for entry in (*first["items"], *second["items"])
        for each in entry["changes"]
        if each["field"] == "description"
    ]
    assert descriptions == ["Three", "Two", "One"]
    middle = first["items"][1]
    assert middle in await trail(sales, no="PAGED", at_from=middle["at"], at_to=middle["at"], by=middle["by"])
    assert await trail(sales, no="PAGED", by="nobody") == []


async def test_the_trail_needs_its_own_scope(sales: Sales) -> None:
    """E7: who may read and write orders does not see who did what."""
    assert await sales.refused("GET", "/audit") == (403, ["insufficient-scope"])


async def test_an_entry_can_be_neither_changed_nor_deleted(sales: Sales) -> None:
    """E7: not even by a statement in the service's own name."""
    await sales.put("/charge-codes/KEPT", {"description": "Kept"})
    for statement in ("UPDATE audit SET by = 'other'", "DELETE FROM audit"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await sales.sql(statement)
    assert await trail(sales, no="KEPT")


async def test_what_is_older_than_the_retention_is_forgotten(sales: Sales) -> None:
    """E7."""
    insert = """
        INSERT INTO audit (id, at, kind, no, version, happened, by, changes)
        VALUES (gen_random_uuid(), now() - make_interval(days => $1), 'item', $2, 1, '[]', 'anna', '[]')
    """
    await sales.sql(insert, 100, "OLD")
    await sales.sql(insert, 40, "YOUNG")
    await forget_audit(90).run(sales.database)
    assert await trail(sales, no="OLD") == []
    assert await trail(sales, no="YOUNG")
