"""What people ask of purchase proposals."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import MAX_LINES, LineNo, QuantityOrZero, SalesOrderNo, VendorNoOrBlank
from contracts.values import Model


class NewProposal(Model, frozen=True, kw_only=True):
    """The sales order to create purchase orders from."""

    sales_order_no: SalesOrderNo


class AcceptedRow(Model, frozen=True, kw_only=True):
    """A row as it shall be bought; what is left out is as proposed."""

    line_no: Annotated[LineNo, Meta(description="Line of the sales order.", examples=[10000])]
    quantity_to_purchase: Annotated[
        QuantityOrZero | None,
        Meta(
            description="In the row's unit; 0 buys nothing; left out: as proposed.",
            examples=["3"],
        ),
    ] = None
    vendor_no: Annotated[
        VendorNoOrBlank | None,
        Meta(description="Who shall supply; left out: as proposed.", examples=["V-100"]),
    ] = None
    reserve: Annotated[
        bool,
        Meta(description="Reserve the purchase for the line, which is sold from stock.", examples=[False]),
    ] = False


class Acceptance(Model, frozen=True, kw_only=True):
    """Which rows of a proposal to buy, and how they are changed first."""

    rows: Annotated[
        Annotated[tuple[AcceptedRow, ...], Meta(max_length=MAX_LINES)] | None,
        Meta(description="The rows to buy; left out: all rows as they are proposed."),
    ] = None


class AcceptProposal(msgspec.Struct, frozen=True):
    """Ask purchasing for the purchase orders of a proposal."""

    proposal_id: UUID
    acceptance: Acceptance
