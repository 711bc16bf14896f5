"""An address that one service takes is taken by all: it travels from a customer to a purchase order."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.planning.masters import LocationDetails
from contracts.refusals import Refusal
from contracts.sales.masters import CompanyDetails, CustomerDetails, ShipToAddressDetails
from httpkit.reader import read
from purchasing.domain.orders.commands import NewPurchaseOrder
from purchasing.http.vendors import WrittenVendor
from sales.domain.orders.commands import NewSalesOrder

LONGEST = {
    "address": "a" * 100,
    "address_2": "b" * 100,
    "city": "c" * 50,
    "post_code": "d" * 20,
    "region": "e" * 50,
    "country_code": "de",
}
BODIES = [
    (CompanyDetails, {"name": "N", "currency_code": "EUR", "time_zone": "UTC"}),
    (CustomerDetails, {"name": "N"}),
    (ShipToAddressDetails, {"name": "N"}),
    (LocationDetails, {"name": "N"}),
    (WrittenVendor, {"name": "N"}),
]


@pytest.mark.parametrize(("model", "rest"), BODIES, ids=lambda v: getattr(v, "__name__", ""))
def test_every_address_has_the_same_bounds(model: Any, rest: dict[str, Any]) -> None:
    taken = read(model, rest | LONGEST)
    assert (taken.city, taken.country_code) == ("c" * 50, "DE")
    for name, value in LONGEST.items():
        with pytest.raises(Refusal):
            read(model, rest | LONGEST | {name: value + "x"})


@pytest.mark.parametrize(
    ("model", "rest"),
    [
        (NewSalesOrder, {"customer_no": "C1", "lines": []}),
        (NewPurchaseOrder, {"vendor_no": "V1"}),
    ],
)
def test_the_address_of_a_document_has_them_too(model: Any, rest: dict[str, Any]) -> None:
    assert read(model, rest | {"ship_to": LONGEST}).ship_to.city == "c" * 50
    with pytest.raises(Refusal):
        read(model, rest | {"ship_to": LONGEST | {"city": "c" * 51}})
