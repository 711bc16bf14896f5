"""Making and changing lines of an order: defaults, flags, and everything that is wrong with them at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from contracts.planning import Item
from contracts.refusals import Violations
from contracts.sales import PurchasingCode
from sales.domain.drafts import NewLine
from sales.domain.lines import Line, with_demand
from sales.domain.money import ZERO, too_precise
from sales.domain.orders import Order
from sales.domain.references import References

LINE_TYPES = frozenset({"item", "comment", "charge"})
NOTHING_TO_PROCURE = ("purchasing_code", "drop_shipment", "reserve")


class LineMaker:
    """Makes the lines of one order; what is wrong goes into `faults` with pointers below `at`."""

    def __init__(self, header: Order, refs: References, faults: Violations) -> None:
        self._header = header
        self._refs = refs
        self._faults = faults

    def make(self, draft: NewLine, line_id: UUID, line_no: int, at: str = "") -> Line:
        """The line with all its defaults. Worthless (but whole) if faults were found."""
        if draft.type == "item":
            line = self._item_line(draft, line_id, line_no, at)
        elif draft.type == "charge":
            line = self._charge_line(draft, line_id, line_no, at)
        else:
            line = self._comment_line(draft, line_id, line_no, at)
        check_amounts(line, given_amounts(draft), self._header.currency_code, self._faults, at)
        return with_demand(line)

    def _item_line(self, draft: NewLine, line_id: UUID, line_no: int, at: str) -> Line:
        self._demand_absent(draft, ("charge_code",), at)
        item = self.item(draft.item_no, at) or Item(version=0, no=draft.item_no)
        unit, qty_per = self.unit(item, draft.unit_of_measure_code or "", at)
        code = self.code(draft, item, at)
        line = Line(
            id=line_id,
            line_no=line_no,
            item_no=item.no,
            description=item.description if draft.description is None else draft.description,
            quantity=draft.quantity or ZERO,
            unit_of_measure_code=unit,
            qty_per_unit_of_measure=qty_per,
            unit_price=item.unit_price * qty_per if draft.unit_price is None else draft.unit_price,
            line_discount_pct=draft.line_discount_pct or ZERO,
            line_discount_amount=draft.line_discount_amount,
            tax_pct=item.tax_pct if draft.tax_pct is None else draft.tax_pct,
            unit_cost=item.unit_cost * qty_per if draft.unit_cost is None else draft.unit_cost,
            location_code=self.location(draft.location_code, at),
            purchasing_code=code.code if code else "",
            drop_shipment=self.dropped(draft, code, at),
            special_order=bool(code and code.special_order),
            qty_to_ship=draft.qty_to_ship,
            qty_to_invoice=draft.qty_to_invoice,
        )
        if draft.quantity is None:
            self._faults.invalid("quantity-required", "a line of an item needs a quantity", f"{at}/quantity")
        line = replace(line, reserve=self.reserve(line, item, draft.reserve, f"{at}/reserve"))
        return self.dated(line, draft.shipment_date)

    def _charge_line(self, draft: NewLine, line_id: UUID, line_no: int, at: str) -> Line:
        self._demand_absent(draft, ("item_no", *NOTHING_TO_PROCURE), at)
        charge = self._refs.charge_codes.get(draft.charge_code)
        if charge is None:
            self._faults.unknown("charge-code", draft.charge_code, f"{at}/charge_code")
        defaults = (charge.description, charge.tax_pct) if charge else ("", ZERO)
        return Line(
            id=line_id,
            line_no=line_no,
            type="charge",
            charge_code=draft.charge_code,
            description=defaults[0] if draft.description is None else draft.description,
            quantity=Decimal(1) if draft.quantity is None else draft.quantity,
            unit_price=draft.unit_price or ZERO,
            line_discount_pct=draft.line_discount_pct or ZERO,
            tax_pct=defaults[1] if draft.tax_pct is None else draft.tax_pct,
            qty_to_ship=draft.qty_to_ship,
            qty_to_invoice=draft.qty_to_invoice,
            reserve="never",
        )

    def _comment_line(self, draft: NewLine, line_id: UUID, line_no: int, at: str) -> Line:
        fields = ("item_no", "charge_code", "quantity", "unit_price", *NOTHING_TO_PROCURE)
        self._demand_absent(draft, fields, at)
        return Line(
            id=line_id, line_no=line_no, type="comment", description=draft.description or "", reserve="never"
        )

    def _demand_absent(self, draft: NewLine, fields: tuple[str, ...], at: str) -> None:
        """Fields that such a line does not have (BC-SD-05, BC-SD-06: flags only on items)."""
        for field in fields:
            if getattr(draft, field) not in (None, "", False):
                self._faults.invalid(
                    "line-type-not-supported", f"a {draft.type} line has no {field}", f"{at}/{field}"
                )

    def item(self, item_no: str, at: str) -> Item | None:
        """The item, if it may be sold (BC-MD-11)."""
        if not item_no:
            self._faults.invalid("item-required", "a line of type item needs an item_no", f"{at}/item_no")
            return None
        item = self._refs.items.get(item_no)
        if item is None:
            self._faults.unknown("item", item_no, f"{at}/item_no", copy_of="item")
        elif item.blocked or item.sales_blocked:
            self._faults.conflict(
                "item-blocked", f"item {item_no} cannot be sold: it is blocked", f"{at}/item_no"
            )
        return item

    def unit(self, item: Item, given: str, at: str) -> tuple[str, Decimal]:
        """The line's unit and how many base units it holds; the item's sales unit by default."""
        code = given or item.sales_unit_of_measure or item.base_unit_of_measure
        for unit in item.units_of_measure:
            if unit.code == code:
                return code, unit.qty_per
        if code != item.base_unit_of_measure and item.version:
            detail = f"unit of measure {code} does not exist for item {item.no}"
            self._faults.invalid("unknown-unit-of-measure", detail, f"{at}/unit_of_measure_code")
        return code, Decimal(1)

    def code(self, draft: NewLine, item: Item, at: str) -> PurchasingCode | None:
        """The purchasing code: what was sent, else the item's (BC-MD-04, BC-MD-07).

        An explicit drop_shipment=false keeps the item's drop-shipment code away (BC-DS-05).
        """
        wanted = item.purchasing_code if draft.purchasing_code is None else draft.purchasing_code
        code = self.known_code(wanted, at)
        if code and draft.purchasing_code is None and draft.drop_shipment is False and code.drop_shipment:
            return None
        return code

    def known_code(self, wanted: str, at: str) -> PurchasingCode | None:
        """The record of a purchasing code; none for "" (BC-MD-04)."""
        code = self._refs.purchasing_codes.get(wanted)
        if wanted and code is None:
            self._faults.unknown("purchasing-code", wanted, f"{at}/purchasing_code")
        return code

    def dropped(self, draft: NewLine, code: PurchasingCode | None, at: str) -> bool:
        """The drop-shipment flag: the code's, or ticked by hand (BC-DS-01), never with a special order (BC-SO-04)."""
        if code and code.special_order and draft.drop_shipment:
            detail = f"purchasing code {code.code} is a special order: the line cannot be a drop shipment too"
            self._faults.invalid("purchasing-code-exclusive", detail, f"{at}/drop_shipment")
        if code and code.drop_shipment and draft.drop_shipment is False:
            detail = f"purchasing code {code.code} is a drop shipment; drop_shipment says it is none"
            self._faults.invalid("purchasing-code-mismatch", detail, f"{at}/drop_shipment")
        return bool((code and code.drop_shipment) or draft.drop_shipment)

    def reserve(self, line: Line, item: Item, given: str | None, pointer: str) -> str:
        """Reserve: never on flagged lines and on what has no stock (BC-SO-02, BC-MD-09), else BC-MD-08."""
        must_be_never = line.flagged or item.type != "inventory"
        if must_be_never:
            if given not in (None, "never"):
                why = "is bought for its customer" if line.flagged else f"is of type {item.type}"
                self._faults.invalid(
                    "reserve-must-be-never", f"reserve must be never: the line {why}", pointer
                )
            return "never"
        if given is not None:
            return given
        return item.reserve if item.reserve in {"never", "always"} else self._header.reserve

    def location(self, given: str | None, at: str) -> str:
        """Where the line ships from: its own location, else the order's."""
        code = self._header.location_code if given is None else given
        if given and given not in self._refs.locations:
            self._faults.unknown("location", given, f"{at}/location_code", copy_of="location")
        return code

    def dated(self, line: Line, shipment_date: date | None) -> Line:
        """Shipment and planned delivery date (BC-SD-08); a drop shipment needs no handling here (BC-DS-02)."""
        days = 0 if line.drop_shipment else self._refs.outbound_days(line.location_code)
        handling = timedelta(days=days)
        if shipment_date is not None:
            return replace(
                line, shipment_date=shipment_date, planned_delivery_date=_later(shipment_date, handling)
            )
        delivery = self._header.requested_delivery_date or self._header.order_date
        return replace(line, shipment_date=_later(delivery, -handling), planned_delivery_date=delivery)


def _later(day: date, by: timedelta) -> date:
    """The day moved, but never out of the calendar."""
    try:
        return day + by
    except OverflowError:
        return day


def given_amounts(draft: NewLine) -> frozenset[str]:
    """Which figures the caller sent itself: only those are checked, defaults are not his fault."""
    fields = ("quantity", "unit_price", "line_discount_pct", "tax_pct", "qty_to_ship", "qty_to_invoice")
    return frozenset(field for field in fields if getattr(draft, field) is not None)


def check_amounts(line: Line, given: frozenset[str], currency_code: str, faults: Violations, at: str) -> None:
    """Quantities positive, prices not negative and no finer than the currency, percentages sane (BC-SD-07)."""
    if "quantity" in given and line.quantity <= 0:
        faults.invalid("quantity-must-be-positive", "quantity must be above zero", f"{at}/quantity")
    if "unit_price" in given:
        _check_price(line, currency_code, faults, f"{at}/unit_price")
    for field in ("line_discount_pct", "tax_pct"):
        value: Any = getattr(line, field)
        if field in given and not 0 <= value <= 100:  # noqa: PLR2004 - percent
            faults.invalid("out-of-range", f"{field} must lie between 0 and 100", f"{at}/{field}")
    for field in ("qty_to_ship", "qty_to_invoice"):
        value = getattr(line, field)
        if field in given and value is not None and value < 0:
            faults.invalid("quantity-must-be-positive", f"{field} must not be negative", f"{at}/{field}")
    if (
        "qty_to_ship" in given
        and line.qty_to_ship is not None
        and line.qty_to_ship > line.outstanding_quantity
    ):
        faults.invalid(
            "quantity-exceeds-outstanding",
            f"qty_to_ship {line.qty_to_ship} is more than the outstanding {line.outstanding_quantity}",
            f"{at}/qty_to_ship",
            line_no=line.line_no,
            remaining=line.outstanding_quantity,
        )


def _check_price(line: Line, currency_code: str, faults: Violations, pointer: str) -> None:
    if line.unit_price < 0:
        faults.invalid("out-of-range", "unit_price must not be negative", pointer)
    elif too_precise(line.unit_price, currency_code):
        detail = (
            f"unit_price {line.unit_price} has more decimals than {currency_code or 'the currency'} knows"
        )
        faults.invalid("too-many-decimals", detail, pointer)
