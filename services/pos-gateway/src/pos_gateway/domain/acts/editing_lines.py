"""The lines of an order as an edit leaves them: changed, removed and new ones (POS-65; B17)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from contracts.refusals import Violations
from domainkit import parties
from domainkit.money import ZERO
from domainkit.structs import extended
from pos_gateway.domain.acts.edit_commands import EditLine, EditOrder
from pos_gateway.domain.orders import deliveries
from pos_gateway.domain.orders.buyers import Addressee
from pos_gateway.domain.orders.commands import NewAddress, NewFulfilment, NewLine, NewOrder
from pos_gateway.domain.orders.context import OrderContext
from pos_gateway.domain.orders.deliveries import Delivery
from pos_gateway.domain.orders.lines import LINE_STEP, Position, build_line
from pos_gateway.domain.orders.order import CustomerOrder, OrderLine
from pos_gateway.domain.orders.prices import price_today
from pos_gateway.domain.orders.quantities import LineQuantities

_UNCHANGED = EditLine()


class LineEditor(msgspec.Struct, kw_only=True):
    """Edits the lines of one order; collects in `found` what is wrong."""

    found: Violations
    order: CustomerOrder
    new: EditOrder
    quantities: Mapping[int, LineQuantities]
    addressee: Addressee
    context: OrderContext
    last_no: int = 0
    """The highest number of a line so far."""

    def edited(self) -> tuple[OrderLine, ...]:
        """The lines after the edit, at least one, all to one address."""
        order, new = self.order, self.new
        self.last_no = max(order.last_line_no, *(line.line_no for line in order.lines))
        removed = self._removed()
        asked = self._asked(removed)
        lines = [
            self._changed(line, *asked[line.line_no]) if line.line_no in asked else self._by_header(line)
            for line in order.lines
            if line.line_no not in removed
        ]
        lines += [self._added(line, i) for i, line in enumerate(new.lines) if line.line_no is None]
        if not lines:
            self.found.invalid("lines-required", "an order keeps at least one line", "/remove_line_nos")
        kept = tuple(line for line in lines if line is not None)
        parties.check_one_destination(
            self.found,
            (parties.Destination("/lines", "", line.address) for line in kept if line.address is not None),
        )
        return kept

    def _removed(self) -> set[int]:
        """Lines that are taken off: nothing of them was handed over."""
        removed: set[int] = set()
        for i, no in enumerate(self.new.remove_line_nos):
            pointer, known = f"/remove_line_nos/{i}", self.quantities.get(no)
            if known is None:
                self.found.invalid("unknown-line", f"the order has no line {no}", pointer)
            elif known.handed_over:
                self._below(no, known, pointer)
            removed.add(no)
        return removed

    def _asked(self, removed: set[int]) -> dict[int, tuple[EditLine, str]]:
        asked: dict[int, tuple[EditLine, str]] = {}
        for i, line in enumerate(self.new.lines):
            no, pointer = line.line_no, f"/lines/{i}"
            if no is None:
                continue
            if no not in self.quantities:
                self.found.invalid("unknown-line", f"the order has no line {no}", f"{pointer}/line_no")
            elif no in asked or no in removed:
                self.found.invalid("duplicate-line", f"line {no} is named twice", f"{pointer}/line_no")
            else:
                asked[no] = (line, pointer)
        return asked

    def _below(self, no: int, known: LineQuantities, pointer: str) -> None:
        minimum = known.handed_over + known.cancelled
        detail = f"{minimum} of line {no} was handed over or cancelled"
        self.found.invalid("quantity-below-fulfilled", detail, pointer, line_no=no, minimum=minimum)

    def _by_header(self, line: OrderLine) -> OrderLine | None:
        """What the edit says of all lines holds for those of which nothing was handed over (POS-31)."""
        untouched = line.mode != deliveries.CARRY_OUT and not self.quantities[line.line_no].handed_over
        if untouched and (self.new.fulfilment is not None or self.new.recalculate):
            return self._changed(line, _UNCHANGED, "")
        return line

    def _changed(self, line: OrderLine, asked: EditLine, pointer: str) -> OrderLine | None:
        known = self.quantities[line.line_no]
        if line.mode == deliveries.CARRY_OUT:
            self._fixed(line, "the customer has the goods", pointer)
            return line
        if asked.item_no not in {None, line.item_no}:
            self._fixed(line, "another item is another line", f"{pointer}/item_no")
        quantity = line.quantity if asked.quantity is None else asked.quantity
        if quantity < known.handed_over + known.cancelled:
            self._below(line.line_no, known, f"{pointer}/quantity")
        built = build_line(
            self.found,
            extended(
                NewLine,
                self._priced(line, asked, pointer),
                quantity=quantity,
                unit_of_measure_code=_given(asked.unit_of_measure_code, line.unit_of_measure_code),
                purchasing_code=_given(asked.purchasing_code, line.purchasing_code),
                shipping_charge=_given(asked.shipping_charge, line.shipping_charge),
                fulfilment=None,
                type=asked.type,
            ),
            Position(line.line_no, pointer),
            self._delivery(line, asked, known, pointer),
            self.context,
        )
        if built is None:
            return None
        return replace(
            built,
            quantity_picked_up=line.quantity_picked_up,
            quantity_cancelled=line.quantity_cancelled,
        )

    def _fixed(self, line: OrderLine, why: str, pointer: str) -> None:
        detail = f"line {line.line_no} cannot be changed so: {why}"
        self.found.invalid("line-not-changeable", detail, pointer, line_no=line.line_no)

    def _priced(self, line: OrderLine, asked: EditLine, pointer: str) -> OrderLine:
        """Prices stay as they were agreed unless all are recalculated (POS-65)."""
        stated = {
            name: value
            for name in ("unit_price", "discount", "tax_pct")
            if (value := getattr(asked, name)) is not None
        }
        if self.new.recalculate:
            day = self.new.transaction.business_date
            price = price_today(line, self.order.currency_code, day, self.context.references)
            today = {"unit_price": price, "discount": ZERO}
            return replace(line, **(today | stated))
        for name, value in stated.items():
            if value != getattr(line, name):
                detail = f"the price of line {line.line_no} is agreed; recalculate the order to change it"
                self.found.invalid("price-locked", detail, f"{pointer}/{name}", line_no=line.line_no)
        return line

    def _delivery(
        self, line: OrderLine, asked: EditLine, known: LineQuantities, pointer: str
    ) -> Delivery | None:
        """As it was, or as the edit says; it cannot be moved any more once a part was handed over."""
        if asked.fulfilment is None and self.new.fulfilment is None:
            return extended(Delivery, line)
        if known.handed_over:
            self._fixed(line, "a part was handed over", f"{pointer}/fulfilment")
            return None
        said = deliveries.inherited(self.new.fulfilment, asked.fulfilment)
        return self._checked(_merged(line, said), f"{pointer}/fulfilment")

    def _checked(self, fulfilment: NewFulfilment, pointer: str) -> Delivery | None:
        order = NewOrder(transaction=self.new.transaction, occurred_at=self.new.occurred_at)
        delivery = deliveries.check_delivery(
            self.found, order, fulfilment, self.addressee, self.context, pointer
        )
        if delivery is not None and delivery.mode == deliveries.CARRY_OUT:
            detail = "goods are carried out when the order is made; afterwards they are picked up"
            self.found.invalid("carry-out-not-allowed", detail, f"{pointer}/mode")
            return None
        return delivery

    def _added(self, line: EditLine, index: int) -> OrderLine | None:
        """A new line at today's price, under a number that no line had."""
        pointer = f"/lines/{index}"
        self.last_no += LINE_STEP
        if line.quantity is None or line.unit_price is None:
            missing = "quantity" if line.quantity is None else "unit_price"
            self.found.invalid("required", f"a new line needs a {missing}", f"{pointer}/{missing}")
            return None
        fulfilment = deliveries.inherited(self.new.fulfilment, line.fulfilment)
        delivery = self._checked(fulfilment, f"{pointer}/fulfilment")
        asked = extended(NewLine, line, discount=line.discount or ZERO, tax_pct=line.tax_pct or ZERO)
        return build_line(self.found, asked, Position(self.last_no, pointer), delivery, self.context)


def _given(asked: object, before: object) -> object:
    return before if asked is None else asked


def _merged(line: OrderLine, said: NewFulfilment) -> NewFulfilment:
    """What the edit says, with what the line said where it is silent and both go the same way."""
    written = line.address is not None and not line.address_code
    before = NewFulfilment(
        mode=line.mode,
        address_code=line.address_code or None,
        address=extended(NewAddress, line.address) if written else None,
        store_no=line.pickup_store_no or None,
        location_code=line.location_code or None,
        date=line.requested_date,
        delivery_date=line.delivery_date,
        delivery_mode=line.delivery_mode or None,
    )
    if said.address is not None:
        before = replace(before, address_code=None)
    elif said.address_code is not None:
        before = replace(before, address=None)
    return deliveries.inherited(before, said)
