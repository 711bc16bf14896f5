"""Who an order is made for, and where the vendor delivers."""

from __future__ import annotations

import pytest

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, Violations
from contracts.sales.masters import Customer, ShipToAddress
from contracts.values import Address
from domainkit.references import ReferenceData, ReferenceQuery
from purchasing.domain.orders.parties import delivery_address, need_customer, vendor_to_buy_from
from tests.unit.purchasing import examples as x

LAKE = ShipToAddress(version=1, customer_no="C100", code="LAKE", name="Lake house", city="Meersburg")


def delivered_to(
    customer_no: str = "", ship_to_code: str = "", location_code: str = "", found: ReferenceData | None = None
) -> Address:
    violations = Violations()
    address = delivery_address(
        violations, found or x.references(addresses=[LAKE]), customer_no, ship_to_code, location_code
    )
    violations.refuse_if_any()
    return address


def test_bc_ds_07_goods_go_to_the_customer_if_one_is_named() -> None:
    assert delivered_to("C100", location_code="NORTH").city == "Konstanz"


def test_bc_ds_07_a_ship_to_code_is_another_address_of_the_customer() -> None:
    assert delivered_to("C100", "LAKE").city == "Meersburg"


def test_bc_md_20_without_customer_goods_go_to_the_location_or_the_company() -> None:
    assert [delivered_to(location_code=code).city for code in ("NORTH", "")] == ["Hamburg", "Kiel"]


def test_a_ship_to_code_needs_a_customer() -> None:
    with pytest.raises(Refusal) as refused:
        delivered_to(ship_to_code="LAKE")
    assert refused.value.code == "customer-required"


@pytest.mark.parametrize(
    ("customer_no", "ship_to_code", "code", "waits_for"),
    [
        ("C9", "", "unknown-customer", ("customer", "C9")),
        ("C100", "SHED", "unknown-ship-to-address", ("ship-to-address", "C100/SHED")),
    ],
)
def test_what_is_unknown_may_still_come(
    customer_no: str, ship_to_code: str, code: str, waits_for: tuple[str, str]
) -> None:
    with pytest.raises(Refusal) as refused:
        delivered_to(customer_no, ship_to_code)
    assert (refused.value.code, refused.value.waits_for) == (code, (waits_for,))


def test_bc_md_17_nothing_is_bought_for_a_blocked_customer() -> None:
    blocked = x.references(customers=[Customer(version=1, no="C100", name="A", blocked="all")])
    with pytest.raises(Refusal) as refused:
        delivered_to("C100", found=blocked)
    assert refused.value.code == "customer-blocked"


def test_bc_md_18_nothing_is_bought_from_an_unknown_or_blocked_vendor() -> None:
    blocked = x.references(vendors=[Vendor(version=1, no="V10", blocked="all")])
    for found, code in ((x.references(vendors=[]), "unknown-vendor"), (blocked, "vendor-blocked")):
        with pytest.raises(Refusal) as refused:
            vendor_to_buy_from(found, "V10")
        assert refused.value.code == code


def test_a_customers_address_is_asked_for_by_customer_and_code() -> None:
    query = ReferenceQuery()
    need_customer(query, "C100", "LAKE")
    need_customer(query, "", "LAKE")
    assert {no for _, no in query} >= {"C100", "C100/LAKE"}
    assert "/LAKE" not in {no for _, no in query}
