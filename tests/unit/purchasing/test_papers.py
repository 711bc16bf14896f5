"""What the vendor gets: the printed order and the electronic one (BC-DS-40)."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree as ET

from msgspec.structs import replace

from purchasing.domain.orders.order import Order
from purchasing.domain.papers import OrderParties, order_paper
from purchasing.domain.ubl import order_ubl
from tests.unit.purchasing import examples as x

PARTIES = OrderParties(company=x.COMPANY, vendor=x.VENDOR)
NAMES = {
    "": "urn:oasis:names:specification:ubl:schema:xsd:Order-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def dropped(**changed: object) -> Order:
    line = replace(
        x.line("drop_shipment", quantity=3),
        description="Brass compass",
        vendor_item_no="BC-9",
        direct_unit_cost=Decimal("80.00"),
        line_discount_pct=Decimal(10),
    )
    return x.order(replace(line, **changed), ship_to=x.SHIP_TO)


def text(root: ET.Element, path: str) -> str:
    found = root.find(path, NAMES)
    assert found is not None, path
    return found.text or ""


def test_a_drop_shipment_shows_the_customer_s_address() -> None:
    paper = order_paper(dropped(), PARTIES)
    assert paper.deliver_to is not None
    assert paper.deliver_to.lines == ("Anna Berg", "Seeweg 4", "78462 Konstanz", "DE")
    assert paper.remarks == ("Goods go straight to the customer.",)


def test_a_line_shows_cost_and_discount_of_the_vendor_and_the_vendor_s_own_number() -> None:
    (row,) = order_paper(dropped(), PARTIES).rows
    assert row.cells == ("10000", "1100", "Brass compass", "3", "PCS", "80.00", "10", "216.00")
    assert row.notes == ("Your item BC-9",)


def test_amounts_have_the_decimals_of_their_currency() -> None:
    order = replace(dropped(direct_unit_cost=Decimal(80)), currency_code="JPY")
    assert order_paper(order, PARTIES).totals[0].value == "216 JPY"
    order = replace(dropped(direct_unit_cost=Decimal("80.125")), currency_code="KWD")
    assert order_paper(order, PARTIES).totals[0].value == "216.338 KWD"


def test_a_unit_of_several_is_explained() -> None:
    """G7: the vendor sees what the sales line's unit holds."""
    (row,) = order_paper(
        dropped(unit_of_measure_code="BOX", qty_per_unit_of_measure=Decimal(6)), PARTIES
    ).rows
    assert "1 BOX = 6 base units" in row.notes


def test_a_deleted_line_is_not_printed() -> None:
    assert order_paper(dropped(deleted=True), PARTIES).rows == ()


def test_the_address_of_a_vendor_blocked_for_privacy_is_not_printed() -> None:
    vendor = replace(x.VENDOR, address="Secret 1", privacy_blocked=True)
    paper = order_paper(dropped(), OrderParties(company=None, vendor=vendor))
    assert paper.recipient.lines == ("Compass Works",)
    assert "Secret" not in order_ubl(dropped(), OrderParties(company=None, vendor=vendor)).decode()


def test_the_electronic_order_names_parties_lines_and_amounts() -> None:
    root = ET.fromstring(order_ubl(dropped(), PARTIES))  # noqa: S314 - made here
    assert text(root, "cbc:CustomizationID") == "urn:fdc:peppol.eu:poacc:trns:order:3"
    assert text(root, "cbc:ID") == "P-1001"
    assert (
        text(root, "cac:BuyerCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName") == "Northsea"
    )
    assert text(root, "cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:CityName") == "Konstanz"
    line = "cac:OrderLine/cac:LineItem"
    quantity = root.find(f"{line}/cbc:Quantity", NAMES)
    assert quantity is not None
    assert (quantity.text, quantity.get("unitCode")) == ("3", "C62")
    assert text(root, f"{line}/cbc:LineExtensionAmount") == "216.00"
    assert text(root, f"{line}/cac:AllowanceCharge/cbc:Amount") == "24.00"
    assert text(root, f"{line}/cac:Item/cac:SellersItemIdentification/cbc:ID") == "BC-9"
    assert text(root, "cac:AnticipatedMonetaryTotal/cbc:PayableAmount") == "216.00"


def test_an_unknown_unit_is_sent_as_pieces_with_a_note() -> None:
    root = ET.fromstring(order_ubl(dropped(unit_of_measure_code="CRATE"), PARTIES))  # noqa: S314 - made here
    assert text(root, "cac:OrderLine/cbc:Note") == "Unit: CRATE"


def test_money_off_a_line_is_shown_to_the_vendor() -> None:
    order = dropped(line_discount_pct=Decimal(0), line_discount_amount=Decimal("15.00"))
    (row,) = order_paper(order, PARTIES).rows
    assert (row.cells[-1], row.notes) == ("225.00", ("Your item BC-9", "Discount 15.00"))
    root = ET.fromstring(order_ubl(order, PARTIES))  # noqa: S314 - made here
    allowance = "cac:OrderLine/cac:LineItem/cac:AllowanceCharge"
    assert text(root, f"{allowance}/cbc:Amount") == "15.00"
    assert root.find(f"{allowance}/cbc:MultiplierFactorNumeric", NAMES) is None
