"""What the demo shows fits a terminal of 80 columns."""

from __future__ import annotations

from deploy.local.demo.links import linked_lines
from deploy.local.demo.steps import Story

LINK = {
    "sales_order_no": "S-1001",
    "line_no": 10000,
    "item_no": "1100",
    "method": "special_order",
    "quantity": "2",
    "purchase_order_no": "P-1004",
    "vendor_no": "V10",
    "state": "partly_received",
    "shipped": "2",
    "invoiced": "2",
}
STORY = Story("2  Drop shipment, from the purchase side")
STORY.links = [
    LINK,
    LINK | {"method": "stock", "purchase_order_no": None, "vendor_no": None, "state": "none"},
]
STORY.documents = [("purchase order", "P-1004")] * 2 + [("sales shipment", f"SS-100{i}") for i in range(6)]
STORY.release_to_link_ms = 1234.5


def test_every_line_fits_80_columns() -> None:
    assert max(map(len, linked_lines([STORY]))) <= 80


def test_a_document_is_named_once_and_no_code_is_split() -> None:
    shown = "\n".join(linked_lines([STORY]))
    assert shown.count("purchase order P-1004") == 1
    assert "S-1001/10000" in shown
    assert "partly_received" in shown
