"""What callers ask about the supply of an order's lines: less of it, its goods for another line, another purchase."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from contracts import fields

ExceptionReply = Annotated[
    str,
    fields.choice("procure_again", "supply_from_stock", "cancel_line"),
    Meta(
        description=(
            "Buy again under the next generation, ship from stock as an ordinary line, or give up what is outstanding."
        ),
        examples=["procure_again"],
    ),
]


class CloseLineShort(msgspec.Struct, frozen=True):
    """Sell no more of a line than was supplied."""

    no: str
    line_no: int


class GoodsToGive(msgspec.Struct, frozen=True, kw_only=True):
    """Which line gets received goods of a special order."""

    to_sales_order_no: fields.SalesOrderNo
    to_line_no: Annotated[fields.LineNo, Meta(description="The line that gets the goods.", examples=[10000])]
    quantity: (
        Annotated[
            fields.Quantity,
            Meta(description="In the lines' unit; null: what is here and needed there.", examples=["3"]),
        ]
        | None
    ) = None


class ReallocateGoods(msgspec.Struct, frozen=True):
    """Give received goods of a line to another."""

    no: str
    line_no: int
    wanted: GoodsToGive


class ExceptionResolution(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a line whose supply broke."""

    answer: ExceptionReply


class ResolveException(msgspec.Struct, frozen=True):
    """Answer the exception of a line."""

    no: str
    line_no: int
    resolution: ExceptionResolution


class PurchaseInvoiceWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to buy of a document, and of whom."""

    lines: Annotated[
        Literal["all"] | tuple[fields.LineNo, ...],
        Meta(description="The lines to buy; `all` or none named: all.", examples=[[10000]]),
    ] = "all"
    vendor_no: fields.VendorNoOrBlank = ""
    allow_repeat: Annotated[
        bool, Meta(description="Also lines that a purchase invoice was made of before.", examples=[False])
    ] = False

    @property
    def line_nos(self) -> tuple[int, ...]:
        """The lines that are named; none: all."""
        return () if isinstance(self.lines, str) else self.lines


class CreatePurchaseInvoice(msgspec.Struct, frozen=True):
    """Ask purchasing for a purchase invoice of this order's lines."""

    no: str
    wanted: PurchaseInvoiceWanted
