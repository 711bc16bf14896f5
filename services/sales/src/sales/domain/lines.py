"""A line of a sales order: what is sold, how it is procured, how far it has come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.sales import LineDemand
from contracts.values import Posting
from sales.domain.money import HUNDRED, ZERO, plain, round_money

LINE_NO_STEP = 10000
MAX_LINES = 1000


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line as the order keeps it. Totals moved are sums over `postings`, never stored beside them.

    `qty_to_ship` and `qty_to_invoice` are None while nobody set them: then the set-up's default holds (BC-SD-07).
    `line_discount_amount` is money off the whole line (tills give it); it stands instead of the percentage.
    """

    id: UUID
    line_no: int
    type: str = "item"
    item_no: str = ""
    charge_code: str = ""
    description: str = ""
    quantity: Decimal = ZERO
    unit_of_measure_code: str = ""
    qty_per_unit_of_measure: Decimal = Decimal(1)
    unit_price: Decimal = ZERO
    line_discount_pct: Decimal = ZERO
    line_discount_amount: Decimal | None = None
    tax_pct: Decimal = ZERO
    unit_cost: Decimal = ZERO
    location_code: str = ""
    shipment_date: date | None = None
    planned_delivery_date: date | None = None
    purchasing_code: str = ""
    drop_shipment: bool = False
    special_order: bool = False
    nonstock: bool = False
    reserve: str = "optional"
    qty_to_ship: Decimal | None = None
    qty_to_invoice: Decimal | None = None
    invoiced: Decimal = ZERO
    ever_invoiced: Decimal = ZERO
    demand: LineDemand | None = None
    postings: tuple[Posting, ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether the line is bought for its customer: special order or drop shipment."""
        return self.drop_shipment or self.special_order

    @property
    def procurement_method(self) -> str:
        """`drop_shipment`, `special_order` or `stock` (G11)."""
        if self.drop_shipment:
            return "drop_shipment"
        return "special_order" if self.special_order else "stock"

    @property
    def counts(self) -> bool:
        """Whether the line has a quantity to ship and invoice; comments have none."""
        return self.type != "comment"

    @property
    def released_once(self) -> bool:
        """A flagged line after its first release: it changes only by request, also while the order is open."""
        return self.demand is not None and self.demand.released

    @property
    def quantity_shipped(self) -> Decimal:
        """What left for the customer, undone postings aside."""
        return sum((p.quantity for p in self.postings if not p.undone), ZERO)

    @property
    def quantity_invoiced(self) -> Decimal:
        """What is invoiced now; corrections lower it, unlike `ever_invoiced` (BC-DS-24)."""
        return self.invoiced

    @property
    def outstanding_quantity(self) -> Decimal:
        """What still has to leave (BC-SD-07)."""
        return self.quantity - self.quantity_shipped

    @property
    def qty_shipped_not_invoiced(self) -> Decimal:
        """What left and is not invoiced yet (BC-SD-07)."""
        return self.quantity_shipped - self.invoiced

    @property
    def completed(self) -> bool:
        """Whether nothing of the line is left to ship or to invoice."""
        return not self.counts or (self.outstanding_quantity <= 0 and self.qty_shipped_not_invoiced <= 0)

    def shippable(self, default_qty_to_ship: str) -> Decimal:
        """Qty. to Ship: what was set, but never more than is outstanding; else by the set-up's default."""
        if not self.counts:
            return ZERO
        if self.qty_to_ship is None:
            return self.outstanding_quantity if default_qty_to_ship == "remainder" else ZERO
        return min(self.qty_to_ship, self.outstanding_quantity)

    def invoiceable(self, shipping: Decimal) -> Decimal:
        """Qty. to Invoice when `shipping` leaves in the same post: what was set, capped; else all that has left."""
        if not self.counts:
            return ZERO
        moved = self.qty_shipped_not_invoiced + shipping
        return moved if self.qty_to_invoice is None else min(self.qty_to_invoice, moved)


class Amounts(msgspec.Struct, frozen=True):
    """Net amount of a quantity of a line, and the tax on it."""

    net: Decimal
    tax: Decimal


def amounts(line: Line, quantity: Decimal, currency_code: str) -> Amounts:
    """What a quantity of the line costs the customer: discount taken off, rounded once for net and once for tax."""
    gross = quantity * line.unit_price
    if line.line_discount_amount is None:
        discount = gross * line.line_discount_pct / HUNDRED
    elif line.quantity:
        discount = line.line_discount_amount * quantity / line.quantity
    else:
        discount = ZERO
    net = round_money(gross - discount, currency_code)
    return Amounts(net, round_money(net * line.tax_pct / HUNDRED, currency_code))


def amounts_between(line: Line, before: Decimal, after: Decimal, currency_code: str) -> Amounts:
    """The amounts of the quantity from `before` to `after`, so that parts always add up to the whole line."""
    low, high = amounts(line, before, currency_code), amounts(line, after, currency_code)
    return Amounts(high.net - low.net, high.tax - low.tax)


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """An order's amounts in its currency: total = net + tax + charges; `net` without the charge lines."""

    net: Decimal
    tax: Decimal
    charges: Decimal
    total: Decimal


def totals(lines: Iterable[Line], currency_code: str) -> Totals:
    """The sums over all lines with their whole quantity."""
    net = charges = tax = round_money(ZERO, currency_code)
    for line in lines:
        amount = amounts(line, line.quantity, currency_code)
        tax += amount.tax
        if line.type == "charge":
            charges += amount.net
        else:
            net += amount.net
    return Totals(net=net, tax=tax, charges=charges, total=net + tax + charges)


def discount_pct(line: Line) -> Decimal:
    """The discount as a percentage, for people: computed where money was given off (five decimals)."""
    gross = line.quantity * line.unit_price
    if line.line_discount_amount is None or not gross:
        return line.line_discount_pct
    return plain(round(line.line_discount_amount * HUNDRED / gross, 5))


def released(line: Line) -> Line:
    """The line once its order was released: a flagged one wants to be bought from now on, for ever."""
    if line.demand is None or line.demand.released:
        return line
    return msgspec.structs.replace(line, demand=msgspec.structs.replace(line.demand, released=True))


def with_demand(line: Line) -> Line:
    """The line with what it wants bought: its quantity, from the first flag on; nothing without a flag."""
    if not line.flagged:
        return line if line.demand is None else msgspec.structs.replace(line, demand=None)
    demand = line.demand or LineDemand(generation=1, quantity=line.quantity)
    return msgspec.structs.replace(line, demand=msgspec.structs.replace(demand, quantity=line.quantity))
