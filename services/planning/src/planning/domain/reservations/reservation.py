"""A reservation: stock, or what a purchase line will bring, held for one sales line (BC-PL-02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, Self
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.planning.fields import ZERO
from domainkit.money import plain_quantity

ACTIVE: Final = "active"
ENDED: Final = "ended"

SHIPPED: Final = "shipped"
CANCELLED_BY_PERSON: Final = "cancelled"
SALE_ENDED: Final = "sale-ended"
BOUGHT_FOR_LINE: Final = "bought-for-line"
RESERVE_NEVER: Final = "reserve-is-never"
OTHER_GOODS: Final = "other-item-or-location"
NEEDED_EARLIER: Final = "needed-before-supply"
QUANTITY_REDUCED: Final = "quantity-reduced"
SUPPLY_GONE: Final = "supply-gone"
REASONS: Final = (
    SHIPPED,
    CANCELLED_BY_PERSON,
    SALE_ENDED,
    BOUGHT_FOR_LINE,
    RESERVE_NEVER,
    OTHER_GOODS,
    NEEDED_EARLIER,
    QUANTITY_REDUCED,
    SUPPLY_GONE,
)
"""Why a reservation ended."""


class Reservation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is held for a sales line; all quantities in base units.

    `stock_quantity` lies in stock, `purchase_quantity` is still to come with the purchase line; a receipt moves it from
    one to the other. `shipped` and `received`: the totals of the sales and the purchase line when the reservation was
    last brought up to them, so that the same event again moves nothing. `due_date` and `supply_date`: theirs.
    """

    id: UUID
    version: int = 1
    status: str = ACTIVE
    ended_because: str = ""
    automatic: bool = False
    sales_order_no: str
    sales_order_line_no: int
    sales_line_id: UUID
    item_no: str
    location_code: str
    unit_of_measure_code: str = ""
    qty_per_unit_of_measure: Decimal = Decimal(1)
    original_quantity: Decimal
    stock_quantity: Decimal = ZERO
    purchase_quantity: Decimal = ZERO
    purchase_order_no: str = ""
    purchase_order_line_no: int | None = None
    purchase_line_id: UUID | None = None
    due_date: date
    supply_date: date | None = None
    shipped: Decimal = ZERO
    received: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        """Base units still reserved, from stock and from purchases."""
        return self.stock_quantity + self.purchase_quantity

    @property
    def stock_key(self) -> tuple[str, str]:
        """Item and location, by which stock is kept."""
        return self.item_no, self.location_code

    @property
    def is_active(self) -> bool:
        """Something is still reserved."""
        return self.status == ACTIVE

    def changed(self, because: str, *, stock: Decimal = ZERO, purchase: Decimal = ZERO) -> Self:
        """With these changes of its quantities; ended for the reason if nothing is left."""
        after = replace(
            self,
            version=self.version + 1,
            stock_quantity=plain_quantity(self.stock_quantity + stock),
            purchase_quantity=plain_quantity(self.purchase_quantity + purchase),
        )
        return after if after.quantity > 0 else replace(after, status=ENDED, ended_because=because)

    def reduced(self, quantity: Decimal, because: str) -> Self:
        """With less: first what is still to come, then what lies in stock."""
        coming = min(quantity, self.purchase_quantity)
        return self.changed(because, purchase=-coming, stock=-min(quantity - coming, self.stock_quantity))

    def ended(self, because: str) -> Self:
        """With nothing reserved any more."""
        return self.reduced(self.quantity, because)


def reserved_changes(
    before: Mapping[UUID, Reservation], after: Iterable[Reservation]
) -> dict[tuple[str, str], Decimal]:
    """By item and location: how much more of the stock these reservations hold than those before them."""
    changes: dict[tuple[str, str], Decimal] = {}
    for each in after:
        known = before.get(each.id)
        more = each.stock_quantity - (known.stock_quantity if known is not None else ZERO)
        changes[each.stock_key] = changes.get(each.stock_key, ZERO) + more
    return {key: change for key, change in changes.items() if change}
