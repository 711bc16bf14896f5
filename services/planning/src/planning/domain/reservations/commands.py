"""What people ask of reservations."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import LineNo, PurchaseOrderNo, Quantity, SalesOrderNo
from contracts.values import Model

STOCK: Final = "stock"


class PurchaseLineNamed(Model, frozen=True, kw_only=True):
    """A line of a purchase order that will bring the goods."""

    purchase_order_no: PurchaseOrderNo
    line_no: Annotated[LineNo, Meta(description="The line of the purchase order.", examples=[10000])]


ReservedFrom = Annotated[
    Literal["stock"] | PurchaseLineNamed,
    Meta(description="What is reserved: `stock`, or what a purchase line will bring.", examples=[STOCK]),
]
SalesOrderLineNo = Annotated[
    LineNo, Meta(description="The line of the sales order that it is reserved for.", examples=[10000])
]


class NewReservation(Model, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A reservation that a person makes for a line of a sales order."""

    sales_order_no: SalesOrderNo
    line_no: SalesOrderLineNo
    quantity: Annotated[
        Quantity, Meta(description="How much to reserve, in the sales line's unit.", examples=["3"])
    ]
    from_: ReservedFrom

    @property
    def purchase_order_no(self) -> str:
        """The purchase order to reserve from; "" for stock."""
        return self.from_.purchase_order_no if isinstance(self.from_, PurchaseLineNamed) else ""


class CancelReservation(msgspec.Struct, frozen=True):
    """Give a reservation up: its stock and receipts are free again."""

    id: UUID
