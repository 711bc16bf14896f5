"""A body of wrong shape is refused with the unknown numbers in it: callers mend both at once."""

from __future__ import annotations

from typing import Any, Final

from tests.integration.api.served import AnyService

REQUESTS: Final[dict[str, tuple[str, str, dict[str, Any], set[tuple[str, str]]]]] = {
    "sales": (
        "POST",
        "/sales-orders",
        {
            "customer_no": "NOBODY",
            "order_date": "soon",
            "location_code": "NOWHERE",
            "lines": [{"item_no": "NOTHING", "quantity": "1"}, {"item_no": 7, "purchasing_code": "NO"}],
        },
        {
            ("not-a-date", "/order_date"),
            ("not-a-text", "/lines/1/item_no"),
            ("unknown-customer", "/customer_no"),
            ("unknown-location", "/location_code"),
            ("unknown-item", "/lines/0/item_no"),
            ("unknown-purchasing-code", "/lines/1/purchasing_code"),
        },
    ),
    "planning": (
        "PUT",
        "/items/NEW",
        {"description": "New", "vendor_no": "nobody", "lead_time_days": -1},
        {("out-of-range", "/lead_time_days"), ("unknown-vendor", "/vendor_no")},
    ),
    "purchasing": (
        "POST",
        "/purchase-orders",
        {"vendor_no": "NOBODY", "order_date": "soon", "location_code": ""},
        {("not-a-date", "/order_date"), ("unknown-vendor", "/vendor_no")},
    ),
    "pos_gateway": (
        "PUT",
        "/stores/HH9",
        {"name": 9, "profile_id": "NONE", "location_code": "NOWHERE"},
        {
            ("not-a-text", "/name"),
            ("unknown-functionality-profile", "/profile_id"),
            ("unknown-location", "/location_code"),
        },
    ),
}


async def test_violations_of_shape_and_of_references_are_told_at_once(served: AnyService) -> None:
    method, path, body, expected = REQUESTS[served.module]

    answer = await served.send(method, path, body)

    assert answer.status_code == 422, answer.text
    found = {(e["code"], e["pointer"]) for e in answer.json()["errors"]}
    assert expected <= found
