"""Values that several contracts share."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One immutable value of the contracts.

    A field at its default is left out of the JSON, an unknown one is ignored.
    """


class Snapshot(Model, frozen=True, kw_only=True):
    """The whole aggregate after a change: its owner's `version`, and what `happened` in words for people.

    Consumers act on the difference between their own state and the snapshot, never on `happened`.
    """

    version: int
    happened: tuple[str, ...] = ()
    deleted: bool = False


class Address(Model, frozen=True, kw_only=True):
    """A postal address, copied into documents; every part may be empty."""

    name: str = ""
    address: str = ""
    address_2: str = ""
    city: str = ""
    post_code: str = ""
    region: str = ""
    country_code: str = ""
    contact: str = ""
    phone: str = ""


class Problem(Model, frozen=True, kw_only=True):
    """Why something was refused or stopped, as other services and people see it (codes: the HTTP contract's)."""

    code: str
    detail: str
    line_no: int | None = None
    pointer: str = ""


class SalesLineRef(Model, frozen=True, kw_only=True):
    """The sales line that a purchase serves. The id binds; the numbers are for people."""

    sales_order_no: str
    sales_order_line_no: int
    sales_line_id: UUID
    generation: int
    customer_no: str = ""


class Posting(Model, frozen=True, kw_only=True):
    """One movement of a linked line, a record for ever: totals are sums over postings that are not undone.

    `quantity` is in the line's unit and > 0; `base` is the line's total that its author saw before it;
    `origin` names the service whose user started it (`sales` or `purchasing`).
    """

    posting_id: UUID
    link_id: UUID | None = None
    base: Decimal = Decimal(0)
    quantity: Decimal
    posting_date: date
    document_no: str = ""
    origin: str = ""
    request_id: UUID | None = None
    carrier: str = ""
    tracking_no: str = ""
    posted_at: datetime | None = None
    undone: bool = False
