"""Who changed what of requisition lines and items (E7)."""

from __future__ import annotations

from typing import Any

from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, sales_line, sales_order

DEFAULT = "/requisition-worksheets/DEFAULT"


async def trail(planning: Planning, **filters: Any) -> list[Any]:
    """Entries of the audit trail, the newest first."""
    token = planning.issuer.token("audit:read")
    items: list[Any] = (await planning.get("/audit", token=token, **filters))["items"]
    return items


async def test_what_a_person_changes_of_a_requisition_line_is_told(planning: Planning) -> None:
    """E7: that planning made it is no change."""
    await open_company(planning, automation="manual")
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", sales_line(10000, "1100"))))
    (line,) = (await planning.post(f"{DEFAULT}/get-sales-orders", {"kind": "both"}))["lines"]
    assert await trail(planning, kind="requisition-line") == []
    path = f"{DEFAULT}/lines/{line['id']}"
    await planning.patch(path, {"accept_action_message": True})
    await planning.delete(path)
    deleted, changed = await trail(planning, kind="requisition-line", no=line["id"])
    assert {"field": "accept_action_message", "line_no": None, "old": "false", "new": "true"} in changed[
        "changes"
    ]
    assert {"field": "status", "line_no": None, "old": "open", "new": "cancelled"} in deleted["changes"]


async def test_a_change_of_the_set_up_is_told(planning: Planning) -> None:
    """E7."""
    await open_company(planning, automation="manual")
    await planning.put("/planning-setup", {"automation": "requisition"})
    entry = (await trail(planning, kind="planning-setup"))[0]
    assert {"field": "automation", "line_no": None, "old": "manual", "new": "requisition"} in entry["changes"]
