"""Making a reservation: by a person from what is named, or automatically from what there is (BC-PL-02, BC-PL-03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from contracts.planning.fields import ZERO
from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.refusals import Violations
from contracts.sales.orders import SalesLine, SalesOrder
from domainkit.decisions import NewId
from domainkit.money import plain_quantity
from planning.domain.reservations.commands import STOCK, NewReservation, PurchaseLineNamed
from planning.domain.reservations.following import NEVER
from planning.domain.reservations.reservation import Reservation
from planning.domain.stock.availability import OpenLine, open_purchase_lines, open_sales_lines
from planning.domain.stock.ledger import StockKey

ALWAYS: Final = "always"


class Free:
    """What can still be reserved, in base units, while a transaction reserves one thing after another.

    `stock`: free stock by item and location, without what is allocated or reserved. `of_sales`, `of_purchases`: what is
    reserved already for a sales line, and of what a purchase line still brings.
    """

    def __init__(
        self,
        stock: Mapping[StockKey, Decimal],
        of_sales: Mapping[UUID, Decimal],
        of_purchases: Mapping[UUID, Decimal],
    ) -> None:
        self._stock = dict(stock)
        self._of_sales = dict(of_sales)
        self._of_purchases = dict(of_purchases)

    def in_stock(self, key: StockKey) -> Decimal:
        """Free stock of an item at a location."""
        return max(self._stock.get(key, ZERO), ZERO)

    def of(self, supply: OpenLine) -> Decimal:
        """What a purchase line brings and nothing has reserved."""
        return max(supply.quantity - self._of_purchases.get(supply.line_id, ZERO), ZERO)

    def wanted_by(self, sale: OpenLine) -> Decimal:
        """What a sales line still has to ship and is not reserved for it."""
        return max(sale.quantity - self._of_sales.get(sale.line_id, ZERO), ZERO)

    def take(self, made: Reservation) -> Reservation:
        """Count a reservation that was just made."""
        key = made.stock_key
        self._stock[key] = self._stock.get(key, ZERO) - made.stock_quantity
        _add(self._of_sales, made.sales_line_id, made.quantity)
        if made.purchase_line_id is not None:
            _add(self._of_purchases, made.purchase_line_id, made.purchase_quantity)
        return made


def _add(totals: dict[UUID, Decimal], key: UUID, quantity: Decimal) -> None:
    totals[key] = totals.get(key, ZERO) + quantity


class Sale(msgspec.Struct, frozen=True):
    """A sales line that goods can be reserved for, and what of it is still to ship from stock."""

    order: SalesOrder
    line: SalesLine
    opened: OpenLine


class Supply(msgspec.Struct, frozen=True):
    """A purchase line that goods can be reserved of, and what of it is still to come into stock."""

    line: PurchaseLine
    opened: OpenLine


def reserve(
    new: NewReservation, order: SalesOrder | None, purchase: PurchaseOrder | None, free: Free, new_id: NewId
) -> Reservation:
    """The reservation that a person asks for; refused with every reason."""
    found = Violations()
    sale = _sale(found, new, order)
    supply = _supply(found, new, purchase)
    if sale is not None:
        _check_sale(found, new, sale, free)
    if sale is not None and supply is not None:
        _check_supply(found, sale, supply)
    if sale is not None and (supply is not None or new.from_ == STOCK):
        _check_free(found, new, sale, supply, free)
    found.refuse_if_any()
    assert sale is not None  # noqa: S101 - a missing one was noted
    quantity = plain_quantity(new.quantity * sale.line.qty_per_unit_of_measure)
    return free.take(_made(sale, quantity, supply, new_id()))


def reserve_automatically(
    sale: Sale, supplies: Iterable[Supply], free: Free, new_id: NewId
) -> Iterator[Reservation]:
    """What a line finds that is always reserved: stock, then what comes in time, the earliest first (BC-PL-03)."""
    from_stock = min(free.wanted_by(sale.opened), free.in_stock(sale.opened.stock_key))
    if from_stock > 0:
        yield free.take(_made(sale, from_stock, None, new_id(), automatic=True))
    fitting = [
        s for s in supplies if not s.opened.special_order and s.opened.stock_key == sale.opened.stock_key
    ]
    for supply in sorted(fitting, key=lambda s: (s.opened.due_date, s.opened.document_no, s.opened.line_no)):
        quantity = min(free.wanted_by(sale.opened), free.of(supply.opened))
        if supply.opened.due_date <= sale.opened.due_date and quantity > 0:
            yield free.take(_made(sale, quantity, supply, new_id(), automatic=True))


def reserve_bought(sale: Sale, supply: Supply, free: Free, new_id: NewId) -> Reservation | None:
    """What was bought to be reserved for a sales line, also if it comes late (BC-PO-12); None: nothing is left."""
    quantity = min(free.wanted_by(sale.opened), free.of(supply.opened))
    return free.take(_made(sale, quantity, supply, new_id(), automatic=True)) if quantity > 0 else None


def sale_of(order: SalesOrder | None, sales_line_id: UUID) -> Sale | None:
    """The sales line, if something may be reserved for it and is still to ship from stock."""
    line = next((x for x in order.lines if x.id == sales_line_id), None) if order is not None else None
    opened = open_sales_lines(order).get(sales_line_id) if order is not None else None
    if order is None or line is None or opened is None or opened.special_order or line.reserve == NEVER:
        return None
    return Sale(order, line, opened)


def sales_to_reserve(order: SalesOrder, old: SalesOrder | None) -> list[Sale]:
    """Lines that are always reserved and are new, or need other goods, more of them or on another day than before."""
    always = [line for line in order.lines if line.reserve == ALWAYS]
    if not always:
        return []
    opened = open_sales_lines(order)
    before = open_sales_lines(old) if old is not None else {}
    known = {line.id: line.reserve for line in old.lines} if old is not None else {}
    return [
        Sale(order, line, place)
        for line in always
        if (place := opened.get(line.id)) is not None
        and not place.special_order
        and (before.get(line.id) != place or known.get(line.id) != ALWAYS)
    ]


def supplies_of(orders: Iterable[PurchaseOrder]) -> list[Supply]:
    """The lines of purchase orders that still bring something into stock."""
    return [
        Supply(line, place)
        for order in orders
        for opened in [open_purchase_lines(order)]
        for line in order.lines
        if (place := opened.get(line.id)) is not None
    ]


def _sale(found: Violations, new: NewReservation, order: SalesOrder | None) -> Sale | None:
    if order is None or order.deleted:
        found.unknown("sales-order", new.sales_order_no, "/sales_order_no", copy_of="sales-order")
        return None
    line = next((line for line in order.lines if line.line_no == new.line_no), None)
    if line is None:
        detail = f"sales order {order.no} has no line {new.line_no}"
        found.invalid("unknown-line", detail, "/line_no")
        found.may_change_with("sales-order", order.no)
        return None
    if line.type != "item":
        detail = f"line {line.line_no} is a {line.type}: it has no stock"
        found.invalid("line-type-not-supported", detail, "/line_no", line_no=line.line_no)
        return None
    if line.reserve == NEVER or line.special_order or line.drop_shipment:
        detail = f"reserve of line {line.line_no} is never"
        found.conflict("reserve-is-never", detail, "/line_no", line_no=line.line_no)
        return None
    opened = open_sales_lines(order).get(line.id)
    if opened is None:
        detail = f"nothing of line {line.line_no} is outstanding"
        found.invalid("quantity-exceeds-outstanding", detail, "/quantity", line_no=line.line_no)
        return None
    return Sale(order, line, opened)


def _supply(found: Violations, new: NewReservation, order: PurchaseOrder | None) -> Supply | None:
    """The purchase line that is named; None also for stock."""
    named = new.from_
    if not isinstance(named, PurchaseLineNamed):
        return None
    if order is None or order.deleted:
        pointer = "/from/purchase_order_no"
        found.unknown("purchase-order", named.purchase_order_no, pointer, copy_of="purchase-order")
        return None
    line = next((x for x in order.lines if x.line_no == named.line_no and not x.deleted), None)
    if line is None:
        detail = f"purchase order {order.no} has no line {named.line_no}"
        found.invalid("unknown-line", detail, "/from/line_no")
        found.may_change_with("purchase-order", order.no)
        return None
    if line.link is not None and line.link.active:
        detail = f"purchase order {order.no} line {line.line_no} is bought for another sales line"
        found.conflict("associated-with-sales-order", detail, "/from/line_no")
        return None
    opened = open_purchase_lines(order).get(line.id)
    if opened is None:
        detail = f"nothing of purchase order {order.no} line {line.line_no} is outstanding"
        found.conflict("not-available", detail, "/from/line_no")
        return None
    return Supply(line, opened)


def _check_sale(found: Violations, new: NewReservation, sale: Sale, free: Free) -> None:
    wanted, qty_per = free.wanted_by(sale.opened), sale.line.qty_per_unit_of_measure
    if new.quantity * qty_per > wanted:
        detail = (
            f"{plain_quantity(wanted / qty_per):f} of line {new.line_no} are outstanding and not reserved"
        )
        found.invalid("quantity-exceeds-outstanding", detail, "/quantity", line_no=new.line_no)


def _check_supply(found: Violations, sale: Sale, supply: Supply) -> None:
    """The same goods at the same place, not later than they are needed (BC-PL-04)."""
    sold, bought = sale.opened, supply.opened
    where = f"purchase order {bought.document_no} line {bought.line_no}"
    if sold.item_no != bought.item_no:
        detail = f"{where} brings item {bought.item_no}, not {sold.item_no}"
        found.invalid("item-mismatch", detail, "/from")
    if sold.location_code != bought.location_code:
        detail = (
            f"{where} is received at {bought.location_code!r}, the sale ships from {sold.location_code!r}"
        )
        found.conflict("location-mismatch", detail, "/from")
    if bought.due_date > sold.due_date:
        detail = f"{where} comes on {bought.due_date}, after {sold.due_date}"
        found.conflict("supply-too-late", detail, "/from")


def _check_free(
    found: Violations, new: NewReservation, sale: Sale, supply: Supply | None, free: Free
) -> None:
    quantity = plain_quantity(new.quantity * sale.line.qty_per_unit_of_measure)
    left = free.in_stock(sale.opened.stock_key) if supply is None else free.of(supply.opened)
    if quantity > left:
        where = "in stock" if supply is None else f"to come with purchase order {supply.opened.document_no}"
        detail = f"{quantity:f} of item {sale.line.item_no} are wanted, {left:f} are free {where}"
        found.conflict("not-available", detail, "/quantity", line_no=new.line_no)


def _made(
    sale: Sale, quantity: Decimal, supply: Supply | None, id_: UUID, *, automatic: bool = False
) -> Reservation:
    line, opened = sale.line, sale.opened
    made = Reservation(
        id=id_,
        automatic=automatic,
        sales_order_no=opened.document_no,
        sales_order_line_no=line.line_no,
        sales_line_id=line.id,
        item_no=line.item_no,
        location_code=line.location_code,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        original_quantity=quantity,
        stock_quantity=quantity,
        due_date=opened.due_date,
        shipped=plain_quantity(line.quantity_shipped * line.qty_per_unit_of_measure),
    )
    if supply is None:
        return made
    bought = supply.line
    return msgspec.structs.replace(
        made,
        stock_quantity=ZERO,
        purchase_quantity=quantity,
        purchase_order_no=supply.opened.document_no,
        purchase_order_line_no=bought.line_no,
        purchase_line_id=bought.id,
        supply_date=supply.opened.due_date,
        received=plain_quantity(bought.quantity_received * bought.qty_per_unit_of_measure),
    )
