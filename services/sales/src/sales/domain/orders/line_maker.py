"""Making lines of an order: defaults, flags, and everything that is wrong with them at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from contracts.planning.masters import CatalogItem, Item, Location
from contracts.refusals import Violations
from contracts.sales.masters import ChargeCode, PurchasingCode
from domainkit.days import days_after
from domainkit.money import ONE, ZERO
from domainkit.procurement import need_item
from domainkit.rates import in_currency, rate_on
from domainkit.references import ReferenceData, ReferenceQuery
from sales.domain.orders.commands import NewSalesLine
from sales.domain.orders.line_checks import FIGURES, check_figures
from sales.domain.orders.lines import Line, with_demand
from sales.domain.orders.order import Order
from sales.domain.references import item_of_catalog, outbound_days

ONLY_OF_ITEMS: Final = ("purchasing_code", "drop_shipment", "reserve", "catalog_entry_no")
TAKE_CATALOG_ITEMS: Final = frozenset({"sales order", "sales quote"})
"""Documents on which a catalog item can be selected: what they sell is still to be bought (BC-MD-28)."""


def need_new_line(query: ReferenceQuery, new: NewSalesLine, header_location: str) -> None:
    """What making a line looks up."""
    location = header_location if new.location_code is None else new.location_code
    need_item(query, new.item_no or "", location)
    query.need(CatalogItem, new.catalog_entry_no)
    query.need(Location, location)
    query.need(ChargeCode, new.charge_code)


def may_not_be_sold(item: Item) -> bool:
    """The item is blocked, wholly or for sales (BC-MD-11)."""
    return item.blocked or item.sales_blocked


class LineMaker:
    """Makes the lines of one order; what is wrong goes into `found` with pointers below `at`."""

    def __init__(self, found: Violations, header: Order, references: ReferenceData) -> None:
        self._found = found
        self._header = header
        self._references = references
        self._rate = rate_on(references, header.currency_code, header.order_date)

    def make(self, new: NewSalesLine, line_id: UUID, line_no: int, at: str = "") -> Line:
        """The line with all its defaults. If violations were found it is complete but must not be stored."""
        if new.type == "item":
            line = self._item_line(new, line_id, line_no, at)
        elif new.type == "charge":
            line = self._charge_line(new, line_id, line_no, at)
        else:
            line = self._comment_line(new, line_id, line_no, at)
        given = frozenset(field for field in FIGURES if getattr(new, field) is not None)
        home = self._references.home_currency
        check_figures(self._found, line, given, self._header.currency_code, home, at)
        return self._header.made(with_demand(line), new)

    def _item_line(self, new: NewSalesLine, line_id: UUID, line_no: int, at: str) -> Line:
        self._check_absent(new, ("charge_code",), at)
        entry_no = new.catalog_entry_no or ""
        item = self._catalog_item(new, at) if entry_no else self.item(new.item_no or "", at)
        item = item or Item(version=0, no=new.item_no or "")
        unit, qty_per = self.unit(item, new.unit_of_measure_code or "", at)
        code = self.code(new, item, at)
        if new.quantity is None:
            self._found.invalid("quantity-required", "a line of an item needs a quantity", f"{at}/quantity")
        line = Line(
            id=line_id,
            line_no=line_no,
            item_no=item.no,
            nonstock=bool(entry_no),
            catalog_entry_no=entry_no,
            description=item.description if new.description is None else new.description,
            quantity=new.quantity or ZERO,
            unit_of_measure_code=unit,
            qty_per_unit_of_measure=qty_per,
            unit_price=self._price(item.unit_price * qty_per) if new.unit_price is None else new.unit_price,
            line_discount_pct=new.line_discount_pct or ZERO,
            line_discount_amount=new.line_discount_amount,
            tax_pct=item.tax_pct if new.tax_pct is None else new.tax_pct,
            unit_cost=self._cost(item.unit_cost * qty_per) if new.unit_cost is None else new.unit_cost,
            location_code=self.location(new.location_code, at),
            purchasing_code=code.code if code else "",
            drop_shipment=self.is_dropped(new, code, at),
            special_order=bool(code and code.special_order),
            qty_to_ship=new.qty_to_ship,
            qty_to_invoice=new.qty_to_invoice,
        )
        line = replace(line, reserve=self.reserve(line, item, new.reserve, f"{at}/reserve"))
        return self.dated(line, new.shipment_date)

    def _price(self, amount: Decimal) -> Decimal:
        """An item's amount in the order's currency. Without a rate the order is refused for its header."""
        return in_currency(amount, self._header.currency_code, ONE if self._rate is None else self._rate)

    def _cost(self, amount: Decimal) -> Decimal:
        """An item's cost, which is in the company's currency on the line too."""
        return in_currency(amount, self._references.home_currency, ONE)

    def _charge_line(self, new: NewSalesLine, line_id: UUID, line_no: int, at: str) -> Line:
        self._check_absent(new, ("item_no", *ONLY_OF_ITEMS), at)
        code = new.charge_code or ""
        charge = self._references.find(ChargeCode, code)
        if charge is None:
            self._found.unknown("charge-code", code, f"{at}/charge_code")
            charge = ChargeCode(version=0, code=code)
        return Line(
            id=line_id,
            line_no=line_no,
            type="charge",
            charge_code=code,
            description=charge.description if new.description is None else new.description,
            quantity=ONE if new.quantity is None else new.quantity,
            unit_price=new.unit_price or ZERO,
            line_discount_pct=new.line_discount_pct or ZERO,
            line_discount_amount=new.line_discount_amount,
            tax_pct=charge.tax_pct if new.tax_pct is None else new.tax_pct,
            qty_to_ship=new.qty_to_ship,
            qty_to_invoice=new.qty_to_invoice,
            reserve="never",
        )

    def _comment_line(self, new: NewSalesLine, line_id: UUID, line_no: int, at: str) -> Line:
        self._check_absent(new, ("item_no", "charge_code", "quantity", "unit_price", *ONLY_OF_ITEMS), at)
        return Line(
            id=line_id, line_no=line_no, type="comment", description=new.description or "", reserve="never"
        )

    def _check_absent(self, new: NewSalesLine, fields: tuple[str, ...], at: str) -> None:
        """Fields that such a line does not have (BC-SD-05, BC-SD-06: flags only on items)."""
        for field in fields:
            if getattr(new, field) not in (None, "", False):
                detail = f"a {new.type} line has no {field}"
                self._found.invalid("line-type-not-supported", detail, f"{at}/{field}")

    def item(self, item_no: str, at: str) -> Item | None:
        """The item, if it may be sold (BC-MD-11)."""
        if not item_no:
            self._found.invalid("item-required", "a line of type item needs an item_no", f"{at}/item_no")
            return None
        item = self._references.find(Item, item_no)
        if item is None:
            self._found.unknown("item", item_no, f"{at}/item_no", copy_of="item")
        elif self._header.sells and may_not_be_sold(item):
            detail = f"item {item_no} cannot be sold: it is blocked"
            self._found.conflict("item-blocked", detail, f"{at}/item_no")
        return item

    def _catalog_item(self, new: NewSalesLine, at: str) -> Item | None:
        """The item that a catalog item is or becomes, on an empty line of a quote or an order (BC-MD-28)."""
        entry_no = new.catalog_entry_no or ""
        if self._header.document not in TAKE_CATALOG_ITEMS:
            detail = f"a {self._header.document} takes items, not catalog items"
            self._found.invalid("line-type-not-supported", detail, f"{at}/catalog_entry_no")
        if new.item_no:
            detail = "a line that has an item cannot select a catalog item"
            self._found.invalid("line-not-empty", detail, f"{at}/catalog_entry_no")
        item = item_of_catalog(self._references, entry_no)
        if item is None:
            self._found.unknown("catalog-item", entry_no, f"{at}/catalog_entry_no", copy_of="catalog-item")
        elif may_not_be_sold(item):
            detail = f"item {item.no} cannot be sold: it is blocked"
            self._found.conflict("item-blocked", detail, f"{at}/catalog_entry_no")
        return item

    def unit(self, item: Item, given: str, at: str) -> tuple[str, Decimal]:
        """The line's unit and how many base units it holds; the item's sales unit by default."""
        code = given or item.sales_unit_of_measure or item.base_unit_of_measure
        for unit in item.units_of_measure:
            if unit.code == code:
                return code, unit.qty_per
        if code != item.base_unit_of_measure and item.version:
            detail = f"unit of measure {code} does not exist for item {item.no}"
            self._found.invalid("unknown-unit-of-measure", detail, f"{at}/unit_of_measure_code")
        return code, ONE

    def code(self, new: NewSalesLine, item: Item, at: str) -> PurchasingCode | None:
        """The purchasing code: what was sent, else the item's where the document takes it (BC-MD-04, BC-MD-07).

        An explicit drop_shipment=false keeps the item's drop-shipment code away (BC-DS-05).
        """
        by_default = item.purchasing_code if self._header.takes_items_code else ""
        code = self.known_code(by_default if new.purchasing_code is None else new.purchasing_code, at)
        if code and new.purchasing_code is None and new.drop_shipment is False and code.drop_shipment:
            return None
        return code

    def known_code(self, wanted: str, at: str) -> PurchasingCode | None:
        """The record of a purchasing code; none for "" (BC-MD-04)."""
        code = self._references.find(PurchasingCode, wanted)
        if wanted and code is None:
            self._found.unknown("purchasing-code", wanted, f"{at}/purchasing_code")
        return code

    def is_dropped(self, new: NewSalesLine, code: PurchasingCode | None, at: str) -> bool:
        """The drop-shipment flag: the code's, or ticked by hand (BC-DS-01), never with a special order (BC-SO-04)."""
        if code and code.special_order and new.drop_shipment:
            detail = f"purchasing code {code.code} is a special order: the line cannot be a drop shipment too"
            self._found.invalid("purchasing-code-exclusive", detail, f"{at}/drop_shipment")
        if code and code.drop_shipment and new.drop_shipment is False:
            detail = f"purchasing code {code.code} is a drop shipment; drop_shipment says it is none"
            self._found.invalid("purchasing-code-mismatch", detail, f"{at}/drop_shipment")
        return bool((code and code.drop_shipment) or new.drop_shipment)

    def reserve(self, line: Line, item: Item, given: str | None, pointer: str) -> str:
        """Reserve: never on flagged lines and on what has no stock (BC-SO-02, BC-MD-09), else BC-MD-08."""
        if line.flagged or item.type != "inventory":
            if given not in (None, "never"):
                why = "is bought for its customer" if line.flagged else f"is of type {item.type}"
                detail = f"reserve must be never: the line {why}"
                self._found.invalid("reserve-must-be-never", detail, pointer)
            return "never"
        if given is not None:
            return given
        return item.reserve if item.reserve in {"never", "always"} else self._header.reserve

    def location(self, given: str | None, at: str) -> str:
        """Where the line ships from: its own location, else the order's."""
        if given and self._references.find(Location, given) is None:
            self._found.unknown("location", given, f"{at}/location_code", copy_of="location")
        return self._header.location_code if given is None else given

    def dated(self, line: Line, shipment_date: date | None) -> Line:
        """Shipment and planned delivery date (BC-SD-08); a drop shipment needs no handling here (BC-DS-02)."""
        handling = 0 if line.drop_shipment else outbound_days(self._references, line.location_code)
        if shipment_date is not None:
            delivery = days_after(shipment_date, handling)
            return replace(line, shipment_date=shipment_date, planned_delivery_date=delivery)
        delivery = self._header.requested_delivery_date or self._header.order_date
        return replace(line, shipment_date=days_after(delivery, -handling), planned_delivery_date=delivery)
