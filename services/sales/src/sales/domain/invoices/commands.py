"""What callers ask of sales invoices, besides what they ask of orders."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts import fields


class ShipmentLinesToGet(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of a posted shipment an invoice bills."""

    shipment_no: Annotated[fields.No, Meta(description="The posted shipment.", examples=["SS-1001"])]
    line_nos: (
        Annotated[
            tuple[fields.LineNo, ...],
            Meta(
                min_length=1,
                max_length=fields.MAX_LINES,
                description="Only these lines; null: all that are not invoiced.",
            ),
        ]
        | None
    ) = None


class GetShipmentLines(msgspec.Struct, frozen=True):
    """Put lines of a shipment onto an invoice."""

    no: str
    wanted: ShipmentLinesToGet
