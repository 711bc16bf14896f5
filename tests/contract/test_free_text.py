"""B14: where people write what they like, a card number is refused; other systems' numbers may look like one."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.planning.masters import ItemDetails, LocationDetails
from contracts.refusals import Refusal
from contracts.sales.masters import CustomerDetails, PurchasingCodeDetails
from httpkit.reader import read
from planning.domain.stock.journal import PostItemJournal
from purchasing.domain.orders.commands import NewPurchaseOrder
from purchasing.http.vendors import WrittenVendor
from sales.domain.orders.commands import NewSalesOrder

CARD = "card 4111.1111.1111.1111"
NUMBER = "4111111111111111"
SALES_LINE = {"item_no": "1000", "quantity": 1}
JOURNAL_LINE = {"item_no": "1000", "location_code": "EAST", "quantity": 1}


@pytest.mark.parametrize(
    ("model", "body", "pointer"),
    [
        (NewSalesOrder, {"customer_no": "C1", "lines": [], "your_reference": CARD}, "/your_reference"),
        (
            NewSalesOrder,
            {"customer_no": "C1", "lines": [SALES_LINE | {"description": CARD}]},
            "/lines/0/description",
        ),
        (NewSalesOrder, {"customer_no": "C1", "lines": [], "ship_to": {"name": CARD}}, "/ship_to/name"),
        (CustomerDetails, {"name": CARD}, "/name"),
        (PurchasingCodeDetails, {"description": CARD}, "/description"),
        (NewPurchaseOrder, {"vendor_no": "V1", "your_reference": CARD}, "/your_reference"),
        (WrittenVendor, {"name": "N", "address_2": CARD}, "/address_2"),
        (ItemDetails, {"description": CARD}, "/description"),
        (LocationDetails, {"name": CARD}, "/name"),
        (PostItemJournal, {"lines": [JOURNAL_LINE | {"reason": CARD}]}, "/lines/0/reason"),
    ],
)
def test_free_text_holds_no_card_number(model: Any, body: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read(model, body)
    (violation,) = refusal.value.violations
    assert (violation.code, violation.pointer) == ("card-number-not-allowed", pointer)
    assert "4111" not in violation.detail


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (NewSalesOrder, {"customer_no": "C1", "lines": [], "external_document_no": NUMBER}),
        (NewSalesOrder, {"customer_no": "C1", "lines": [], "external_reference": NUMBER}),
        (NewSalesOrder, {"customer_no": "C1", "lines": [SALES_LINE | {"item_no": NUMBER}]}),
        (CustomerDetails, {"name": "N", "phone": "4111111111111111"}),
    ],
)
def test_numbers_of_other_systems_are_taken_as_they_are(model: Any, body: dict[str, Any]) -> None:
    read(model, body)
