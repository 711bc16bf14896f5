"""Values that several contracts share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import (
    EXAMPLE_ID,
    CountryCodeOrBlank,
    CustomerNoOrBlank,
    Day,
    ForeignNo,
    Generation,
    LineNo,
    Phone,
    SalesOrderNo,
    Text20,
    Text50,
    Text100,
    Timestamp,
    TotalQuantity,
    Version,
)

Happened = Annotated[
    tuple[str, ...], Meta(description="What the change was, in words for people.", examples=[["released"]])
]
PartyName = Annotated[Text100, Meta(description="Who lives or works there.", examples=["Ana Trujillo"])]
StreetAddress = Annotated[Text100, Meta(description="Street and number.", examples=["12 Orchard Road"])]
StreetAddress2 = Annotated[
    Text100, Meta(description="Second line of the street address.", examples=["Suite 4"])
]
City = Annotated[Text50, Meta(description="Town.", examples=["Bath"])]
PostCode = Annotated[Text20, Meta(description="Postal code.", examples=["BA1 1AA"])]
Region = Annotated[Text50, Meta(description="County, state or province.", examples=["Somerset"])]
ContactName = Annotated[Text100, Meta(description="Person to ask for.", examples=["A. Trujillo"])]
PhoneNo = Annotated[Phone, Meta(description="Telephone number.", examples=["+44 1225 000000"])]
CreatedAt = Annotated[Timestamp, Meta(description="When it was created.")]
UpdatedAt = Annotated[
    Timestamp, Meta(description="When its owner changed it last; what is learned from others does not count.")
]
Deleted = Annotated[bool, Meta(description="The record is out of use; it is not removed.", examples=[False])]
Carrier = Annotated[Text50, Meta(description="Who carried the goods.", examples=["DHL"])]
TrackingNo = Annotated[
    ForeignNo, Meta(description="The carrier's number for tracking.", examples=["JD0146000"])
]
PostingId = Annotated[
    UUID, Meta(description="Identifies the movement in all services.", examples=[EXAMPLE_ID])
]
PostingOrigin = Annotated[
    str,
    Meta(description="Service whose user posted it: `sales` or `purchasing`.", examples=["purchasing"]),
]


InvoicedPostings = Annotated[
    tuple[UUID, ...],
    Meta(description="All movements that the line bills, the oldest first.", examples=[[EXAMPLE_ID]]),
]


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One immutable value of the contracts.

    A field at its default is left out of the JSON, an unknown one is ignored.
    """


class Snapshot(Model, frozen=True, kw_only=True):
    """The whole aggregate after a change: its owner's `version`, and what `happened` in words for people.

    Consumers act on the difference between their own state and the snapshot, never on `happened`.
    """

    version: Version
    happened: Happened = ()
    deleted: Deleted = False


class PostalAddress(Model, frozen=True, kw_only=True):
    """Where mail and goods arrive; every part may be empty."""

    address: StreetAddress = ""
    address_2: StreetAddress2 = ""
    city: City = ""
    post_code: PostCode = ""
    region: Region = ""
    country_code: CountryCodeOrBlank = ""


class Address(PostalAddress, frozen=True, kw_only=True):
    """A postal address with the people there, copied into documents; every part may be empty."""

    name: PartyName = ""
    contact: ContactName = ""
    phone: PhoneNo = ""


class AddressAnswer(Address, frozen=True, kw_only=True, omit_defaults=False):
    """An address as resources answer it: every part is there, empty or not."""


class Problem(Model, frozen=True, kw_only=True):
    """Why something was refused or stopped, as other services and people see it (codes: the HTTP contract's)."""

    code: Annotated[str, Meta(description="Stable, kebab-case.", examples=["vendor-blocked"])]
    detail: Annotated[str, Meta(description="For people.", examples=["vendor V-100 is blocked"])]
    line_no: Annotated[
        LineNo | None, Meta(description="The line that it concerns, if it is one.", examples=[10000])
    ] = None
    pointer: Annotated[
        str,
        Meta(description='JSON pointer into what was asked; "" is the whole of it.', examples=["/lines/0"]),
    ] = ""


class SalesLineRef(Model, frozen=True, kw_only=True):
    """The sales line that a purchase serves. The id binds; the numbers are for people."""

    sales_order_no: SalesOrderNo
    sales_order_line_no: LineNo
    sales_line_id: Annotated[UUID, Meta(description="Id of the sales line.", examples=[EXAMPLE_ID])]
    generation: Generation
    customer_no: CustomerNoOrBlank = ""


class Posting(Model, frozen=True, kw_only=True):
    """One movement of a linked line, a permanent record: totals are sums over postings that are not undone."""

    posting_id: PostingId
    link_id: Annotated[
        UUID | None,
        Meta(description="The link between sales line and purchase line.", examples=[EXAMPLE_ID]),
    ] = None
    base: Annotated[
        TotalQuantity, Meta(description="The line's total that the author of the posting saw before it.")
    ] = Decimal(0)
    quantity: Annotated[TotalQuantity, Meta(description="What moved, in the line's unit; above 0.")]
    posting_date: Annotated[Day, Meta(description="The day of the movement.")]
    document_no: Annotated[str, Meta(description="Number of the posted document.", examples=["PR-1001"])] = ""
    origin: PostingOrigin = ""
    request_id: Annotated[
        UUID | None, Meta(description="The posting request that it answers.", examples=[EXAMPLE_ID])
    ] = None
    carrier: Carrier = ""
    tracking_no: TrackingNo = ""
    posted_at: Annotated[Timestamp | None, Meta(description="When it was posted.")] = None
    undone: Annotated[bool, Meta(description="The posting was taken back.", examples=[False])] = False
