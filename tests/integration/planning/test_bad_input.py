"""Whatever is sent: a refusal with a code, never a server error, and nothing half-made."""

from __future__ import annotations

import itertools
from typing import Any

from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company

ODD: list[Any] = [
    None,
    "",
    " ",
    "x" * 300,
    "\x00",
    "ß" * 20,
    -1,
    0,
    1e300,
    "1e5",
    True,
    [],
    {},
    "NaN",
    "9999-12-31",
]
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", "/items/X"): {
        "vendor_no": "V10",
        "lead_time_days": 1,
        "unit_price": 1,
        "type": "service",
        "units_of_measure": [{"code": "BOX", "qty_per": 2}],
        "order_multiple": 1,
    },
    ("PUT", "/locations/L"): {"name": "L", "inbound_handling_days": 1, "country_code": "DE"},
    ("PUT", "/stockkeeping-units/NORTH/1000"): {"vendor_no": "V10", "lead_time_days": 3},
    ("PUT", "/planning-setup"): {"automation": "manual", "automation_limit_amount": 5},
    ("PUT", "/requisition-worksheets/W"): {"description": "w"},
    ("POST", "/item-journal"): {
        "lines": [{"item_no": "1000", "quantity": 1}],
        "posting_date": "2026-01-01",
    },
    ("POST", "/requisition-worksheets/DEFAULT/lines"): {
        "item_no": "1000",
        "quantity": 1,
        "due_date": "2026-01-01",
        "vendor_no": "V20",
    },
    ("POST", "/requisition-worksheets/DEFAULT/get-sales-orders"): {
        "kind": "both",
        "sales_order_no": "S-1",
    },
    ("POST", "/requisition-worksheets/DEFAULT/carry-out"): {"line_ids": None, "order_date": "2026-01-01"},
}
PATHS = [
    "/items/{}",
    "/locations/{}",
    "/stockkeeping-units/{}/{}",
    "/requisition-worksheets/{}",
    "/requisition-worksheets/{}/lines",
    "/requisition-worksheets/DEFAULT/lines/{}",
    "/carry-out-runs/{}",
    "/items?cursor={}",
    "/stock?item_no={}",
    "/item-ledger-entries?location_code={}",
    "/availability?item_no={}&date={}",
    "/order-tracking?sales_order_no={}",
    "/requisition-lines?status={}",
]


async def test_odd_values_in_any_field_are_never_a_server_error(planning: Planning) -> None:
    await open_company(planning)
    for (method, path), body in BODIES.items():
        for field, value in itertools.product([*body, "surprise"], ODD):
            answer = await planning.send(method, path, body | {field: value})
            assert answer.status_code < 500, f"{method} {path} {field}={value!r}: {answer.text}"
            if answer.status_code >= 400:
                assert answer.json()["errors"], answer.text


async def test_odd_paths_and_queries_are_never_a_server_error(planning: Planning) -> None:
    for path, odd in itertools.product(PATHS, ["%00", "x" * 300, "%C3%9F", "%20", "-1", "%FF", "2026-02-30"]):
        answer = await planning.send("GET", path.replace("{}", odd))
        assert answer.status_code < 500, f"{path} {odd}: {answer.text}"


async def test_bodies_that_are_no_objects_are_refused(planning: Planning) -> None:
    for content in (b"", b"[]", b"{", b'"x"', b"null"):
        for method, path in BODIES:
            answer = await planning.send(method, path, content)
            assert 400 <= answer.status_code < 500, f"{method} {path} {content!r}: {answer.status_code}"
