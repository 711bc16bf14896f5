"""A purchase order as an electronic order that a vendor's system reads: UBL 2.1 Order, Peppol BIS Ordering 3.

The order of the elements is the schema's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET

from contracts.sales.masters import Company
from contracts.values import Address
from domainkit.money import Currency, currency
from domainkit.parties import address_of
from paperkit.paper import plain
from purchasing.domain.orders.discounts import discount_of, lines_amount, order_total
from purchasing.domain.orders.order import Line, Order
from purchasing.domain.papers import OrderParties

_ORDER: Final = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
_CAC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_CBC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_CUSTOMIZATION: Final = "urn:fdc:peppol.eu:poacc:trns:order:3"
_PROFILE: Final = "urn:fdc:peppol.eu:poacc:bis:ordering:3"
_ORDER_TYPE: Final = "220"
"""An order (UN/CEFACT 1001)."""
_PIECE: Final = "C62"
UNITS: Final = {
    "PCS": _PIECE,
    "PC": _PIECE,
    "EA": "EA",
    "BOX": "XBX",
    "CASE": "XCS",
    "CARTON": "XCT",
    "PALLET": "XPX",
    "PACK": "XPK",
    "BAG": "XBG",
    "BOTTLE": "XBO",
    "SET": "SET",
    "PAIR": "PR",
    "DOZEN": "DZN",
    "KG": "KGM",
    "G": "GRM",
    "L": "LTR",
    "M": "MTR",
    "M2": "MTK",
    "M3": "MTQ",
    "HOUR": "HUR",
    "DAY": "DAY",
}
"""Units of measure as UN/ECE Recommendation 20 and 21 name them. Others are sent as pieces, with a note."""

for _prefix, _uri in (("", _ORDER), ("cac", _CAC), ("cbc", _CBC)):
    ET.register_namespace(_prefix, _uri)


def order_ubl(order: Order, parties: OrderParties) -> bytes:
    """The order as a UBL 2.1 document by Peppol BIS 3: XML in UTF-8."""
    money = currency(order.currency_code)
    root = ET.Element(f"{{{_ORDER}}}Order")
    _text(root, "CustomizationID", _CUSTOMIZATION)
    _text(root, "ProfileID", _PROFILE)
    _text(root, "ID", order.no)
    _text(root, "IssueDate", order.order_date.isoformat())
    _text(root, "OrderTypeCode", _ORDER_TYPE)
    _text(root, "Note", f"Revision {order.revision}")
    _text(root, "DocumentCurrencyCode", order.currency_code)
    _text(root, "CustomerReference", order.your_reference)
    buyer = _party(root, "BuyerCustomerParty")
    _company(buyer, parties.company)
    seller = _party(root, "SellerSupplierParty")
    vendor = parties.vendor
    known = vendor is not None and not vendor.privacy_blocked
    address = address_of(vendor) if vendor is not None and known else Address()
    _party_details(seller, address.name or order.vendor_name or order.vendor_no, address)
    _delivery(root, order)
    discount = discount_of(order)
    if discount:
        _order_discount(root, discount, money)
    totals = _part(root, "AnticipatedMonetaryTotal")
    _amount(totals, "LineExtensionAmount", lines_amount(order), money)
    if discount:
        _amount(totals, "AllowanceTotalAmount", discount, money)
    _amount(totals, "PayableAmount", order_total(order), money)
    for line in order.printed_lines:
        _line(root, line, money)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _line(root: ET.Element, line: Line, money: Currency) -> None:
    outer = _part(root, "OrderLine")
    unit = UNITS.get(line.unit_of_measure_code)
    if unit is None:
        _text(outer, "Note", f"Unit: {line.unit_of_measure_code}")
    item = _part(outer, "LineItem")
    _text(item, "ID", str(line.line_no))
    _text(item, "Quantity", plain(line.quantity), unitCode=unit or _PIECE)
    _amount(item, "LineExtensionAmount", line.amount(money), money)
    if line.requested_receipt_date is not None:
        period = _part(_part(item, "Delivery"), "RequestedDeliveryPeriod")
        _text(period, "StartDate", line.requested_receipt_date.isoformat())
        _text(period, "EndDate", line.requested_receipt_date.isoformat())
    if line.line_discount_pct or line.line_discount_amount:
        _discount(item, line, money)
    price = _part(item, "Price")
    _amount(price, "PriceAmount", line.direct_unit_cost, money)
    goods = _part(item, "Item")
    _text(goods, "Name", line.description or line.item_no)
    _text(_part(goods, "BuyersItemIdentification"), "ID", line.item_no)
    if line.vendor_item_no:
        _text(_part(goods, "SellersItemIdentification"), "ID", line.vendor_item_no)


def _order_discount(root: ET.Element, discount: Decimal, money: Currency) -> None:
    allowance = _part(root, "AllowanceCharge")
    _text(allowance, "ChargeIndicator", "false")
    _text(allowance, "AllowanceChargeReason", "Discount")
    _amount(allowance, "Amount", discount, money)


def _discount(item: ET.Element, line: Line, money: Currency) -> None:
    gross = money.rounded(line.quantity * line.direct_unit_cost)
    allowance = _part(item, "AllowanceCharge")
    _text(allowance, "ChargeIndicator", "false")
    _text(allowance, "AllowanceChargeReason", "Discount")
    if line.line_discount_pct:
        _text(allowance, "MultiplierFactorNumeric", plain(line.line_discount_pct))
    _amount(allowance, "Amount", gross - line.amount(money), money)
    # BIS 3 knows a base only beside a percentage of it (PEPPOL-EN16931-R042).
    if line.line_discount_pct:
        _amount(allowance, "BaseAmount", gross, money)


def _company(party: ET.Element, company: Company | None) -> None:
    if company is None:
        _party_details(party, "", Address())
    else:
        _party_details(party, company.name, address_of(company))


def _party(root: ET.Element, role: str) -> ET.Element:
    return _part(_part(root, role), "Party")


def _party_details(party: ET.Element, name: str, address: Address) -> None:
    _text(_part(party, "PartyName"), "Name", name)
    _address(_part(party, "PostalAddress"), address)
    _text(_part(party, "PartyLegalEntity"), "RegistrationName", name)


def _delivery(root: ET.Element, order: Order) -> None:
    """Where the goods go: to the customer of a drop shipment, else to the warehouse."""
    delivery = _part(root, "Delivery")
    _address(_part(_part(delivery, "DeliveryLocation"), "Address"), order.ship_to)
    if order.ship_to.name:
        _text(_part(_part(delivery, "DeliveryParty"), "PartyName"), "Name", order.ship_to.name)


def _address(parent: ET.Element, address: Address) -> None:
    _text(parent, "StreetName", address.address)
    _text(parent, "AdditionalStreetName", address.address_2)
    _text(parent, "CityName", address.city)
    _text(parent, "PostalZone", address.post_code)
    _text(parent, "CountrySubentity", address.region)
    if address.country_code:
        _text(_part(parent, "Country"), "IdentificationCode", address.country_code)


def _part(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_CAC}}}{name}")


def _text(parent: ET.Element, name: str, value: str, **attributes: str) -> None:
    """A plain element; an empty one is left out, as BIS 3 wants."""
    if value:
        ET.SubElement(parent, f"{{{_CBC}}}{name}", attributes).text = value


def _amount(parent: ET.Element, name: str, amount: Decimal, money: Currency) -> None:
    attributes = {"currencyID": money.code} if money.code else {}
    _text(parent, name, plain(amount), **attributes)
