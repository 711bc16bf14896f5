"""Whatever a PUT, PATCH or DELETE changes stands in the audit trail of its service (E7)."""

from __future__ import annotations

from typing import Any

from tests.integration.api.served import GATEWAY, AnyService

CHANGES: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "sales": (
        ("PUT", "/customers/AU-1", {"name": "Anna"}),
        ("DELETE", "/customers/AU-1", None),
        ("PUT", "/purchasing-codes/AU-1", {"special_order": True}),
        ("PUT", "/charge-codes/AU-1", {"description": "Freight"}),
        ("PUT", "/exchange-rates/USD/2031-01-01", {"rate": "1.1"}),
    ),
    "purchasing": (
        ("PUT", "/vendors/AU-1", {"name": "Works"}),
        ("DELETE", "/vendors/AU-1", None),
    ),
    "planning": (
        ("PUT", "/items/AU-1", {"description": "Rope"}),
        ("PUT", "/locations/AU-1", {"name": "North"}),
        ("PUT", "/stockkeeping-units/AU-1/AU-1", {"lead_time_days": 3}),
        ("PUT", "/requisition-worksheets/AU-1", {"description": "Mine"}),
        ("DELETE", "/items/AU-1", None),
    ),
    GATEWAY: (
        ("PUT", "/functionality-profiles/AU-1", {"create_customer_order_in_async_mode": True}),
        ("PUT", "/workers/AU-1", {"name": "Kim"}),
    ),
}


async def test_each_change_of_a_setting_is_one_entry(served: AnyService) -> None:
    """Also one that is made by another route than the others."""
    for method, path, body in CHANGES[served.module]:
        before = await entries(served)
        answer = await served.send(method, path, body)
        assert answer.is_success, answer.text
        assert await entries(served) == before + 1, (method, path)


async def entries(served: AnyService) -> int:
    rows = await served.sql("SELECT count(*) AS n FROM audit")
    found: int = rows[0]["n"]
    return found
