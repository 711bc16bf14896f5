"""Who a purchase order is made for and where it is delivered: vendor, customer, addresses."""

from __future__ import annotations

from contracts.keys import ship_to_address_no
from contracts.purchasing.masters import Vendor
from contracts.refusals import Violations
from contracts.sales.masters import Customer, ShipToAddress
from contracts.values import Address
from domainkit.parties import BUYING_FOR, address_of, check_customer, check_vendor
from domainkit.references import ReferenceData, ReferenceQuery
from purchasing.domain.locations import receiving_address


def need_customer(query: ReferenceQuery, customer_no: str, ship_to_code: str = "") -> None:
    """Ask for a customer and one of its addresses."""
    query.need(Customer, customer_no)
    if customer_no and ship_to_code:
        query.need(ShipToAddress, ship_to_address_no(customer_no, ship_to_code))


def vendor_to_buy_from(references: ReferenceData, vendor_no: str) -> Vendor:
    """The vendor; refused if it does not exist or is blocked (BC-MD-18)."""
    vendor = references.find(Vendor, vendor_no)
    found = Violations()
    check_vendor(found, vendor_no, vendor)
    found.refuse_if_any()
    assert vendor is not None  # noqa: S101 - check_vendor has noted a missing one
    return vendor


def delivery_address(
    found: Violations, references: ReferenceData, customer_no: str, ship_to_code: str, location_code: str
) -> Address:
    """Where the vendor delivers: to the customer (BC-DS-07) if one is named, else to location or company."""
    if customer_no:
        return _customers_address(found, references, customer_no, ship_to_code)
    if ship_to_code:
        detail = "a ship-to code needs a sell-to customer"
        found.invalid("customer-required", detail, "/sell_to_customer_no")
    return receiving_address(references, location_code)


def _customers_address(
    found: Violations, references: ReferenceData, customer_no: str, ship_to_code: str
) -> Address:
    customer = references.find(Customer, customer_no)
    if customer is None:
        found.unknown("customer", customer_no, "/sell_to_customer_no", copy_of="customer")
        return Address()
    check_customer(found, customer, BUYING_FOR)
    if not ship_to_code:
        return address_of(customer)
    address_no = ship_to_address_no(customer_no, ship_to_code)
    address = references.find(ShipToAddress, address_no)
    if address is None:
        found.unknown("ship-to-address", ship_to_code, "/ship_to_code")
        found.may_change_with("ship-to-address", address_no)
        return Address()
    return address_of(address)
