"""What callers ask for, as plain values: the requests that the rules decide on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from contracts.values import Address


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A request; None (in changes: UNSET) means "not given"."""


class NewLine(Draft, frozen=True, kw_only=True):
    """A line to add. `purchasing_code` None takes the item's, "" takes none (BC-MD-07)."""

    line_no: int | None = None
    type: str = "item"
    item_no: str = ""
    charge_code: str = ""
    description: str | None = None
    quantity: Decimal | None = None
    unit_of_measure_code: str | None = None
    unit_price: Decimal | None = None
    line_discount_pct: Decimal | None = None
    line_discount_amount: Decimal | None = None
    tax_pct: Decimal | None = None
    unit_cost: Decimal | None = None
    location_code: str | None = None
    shipment_date: date | None = None
    purchasing_code: str | None = None
    drop_shipment: bool | None = None
    reserve: str | None = None
    qty_to_ship: Decimal | None = None
    qty_to_invoice: Decimal | None = None


class NewOrder(Draft, frozen=True, kw_only=True):
    """An order to make; `no` None takes the next of the series. `confirmation_no` names a till's order."""

    no: str | None = None
    customer_no: str
    order_date: date | None = None
    requested_delivery_date: date | None = None
    ship_to_code: str | None = None
    ship_to: Address | None = None
    location_code: str | None = None
    currency_code: str | None = None
    external_document_no: str = ""
    your_reference: str = ""
    reserve: str | None = None
    shipping_advice: str | None = None
    procurement_automation: str = ""
    confirmation_no: str = ""
    prepaid_amount: Decimal = Decimal(0)
    lines: tuple[NewLine, ...] = ()


class HeaderChanges(Draft, frozen=True, kw_only=True):
    """What PATCH of an order changes; a field left out stays (UNSET)."""

    no: str
    customer_no: str | UnsetType = UNSET
    order_date: date | UnsetType = UNSET
    requested_delivery_date: date | UnsetType | None = UNSET
    ship_to_code: str | UnsetType = UNSET
    ship_to: dict[str, str] | UnsetType = UNSET
    """The parts of the address that change."""
    location_code: str | UnsetType = UNSET
    currency_code: str | UnsetType = UNSET
    external_document_no: str | UnsetType = UNSET
    your_reference: str | UnsetType = UNSET
    reserve: str | UnsetType = UNSET
    shipping_advice: str | UnsetType = UNSET
    procurement_automation: str | UnsetType = UNSET


class LineChanges(Draft, frozen=True, kw_only=True):
    """What PATCH of a line changes; a field left out stays (UNSET), null sets the default again."""

    item_no: str | UnsetType = UNSET
    charge_code: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    quantity: Decimal | UnsetType = UNSET
    unit_of_measure_code: str | UnsetType = UNSET
    unit_price: Decimal | UnsetType = UNSET
    line_discount_pct: Decimal | UnsetType = UNSET
    tax_pct: Decimal | UnsetType = UNSET
    unit_cost: Decimal | UnsetType = UNSET
    location_code: str | UnsetType = UNSET
    shipment_date: date | UnsetType | None = UNSET
    purchasing_code: str | UnsetType = UNSET
    drop_shipment: bool | UnsetType = UNSET
    reserve: str | UnsetType = UNSET
    qty_to_ship: Decimal | UnsetType | None = UNSET
    qty_to_invoice: Decimal | UnsetType | None = UNSET

    def given(self) -> frozenset[str]:
        """The names of the fields that the caller sent."""
        return frozenset(name for name in self.__struct_fields__ if getattr(self, name) is not UNSET)


class AddLine(Draft, frozen=True, kw_only=True):
    """A line to add to an order."""

    no: str
    line: NewLine


class ChangeLine(Draft, frozen=True, kw_only=True):
    """A line to change."""

    no: str
    line_no: int
    changes: LineChanges


class DeleteLine(Draft, frozen=True, kw_only=True):
    """A line to take away."""

    no: str
    line_no: int


class OrderNo(Draft, frozen=True, kw_only=True):
    """An act that needs the order's number alone: delete, reopen."""

    no: str


class ReleaseOrder(Draft, frozen=True, kw_only=True):
    """Release an order; `dry_run` only answers what would be bought."""

    no: str
    dry_run: bool = False


class PostLine(Draft, frozen=True, kw_only=True):
    """A line to post. `posted_before`: the shipped total that the caller saw (drop shipments)."""

    line_no: int
    qty_to_ship: Decimal | None = None
    qty_to_invoice: Decimal | None = None
    posted_before: Decimal | None = None


class PostOrder(Draft, frozen=True, kw_only=True):
    """Ship, invoice or both; without lines the lines' own quantities hold."""

    no: str
    ship: bool
    invoice: bool
    posting_date: date | None = None
    lines: tuple[PostLine, ...] = ()


class PlannedLine(Draft, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a post that was decided: what leaves, what is invoiced, and what its author saw as shipped."""

    sales_line_id: UUID
    ship: Decimal = Decimal(0)
    invoice: Decimal = Decimal(0)
    base: Decimal = Decimal(0)
