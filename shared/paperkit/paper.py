"""What stands on a printed document, as plain texts. It is the same for every format."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from contracts.sales.masters import Company
from contracts.values import Address
from domainkit.parties import address_of


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's name and address below a heading."""

    heading: str
    lines: tuple[str, ...]


class Fact(msgspec.Struct, frozen=True):
    """A label and its value, such as an order date or a total."""

    label: str
    value: str


class Column(msgspec.Struct, frozen=True):
    """A column of the table of lines. Numbers stand at its right edge."""

    heading: str
    is_number: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the document: one text per column, and notes that stand below its description."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A printed document. Empty parts are left out when it is printed."""

    title: str
    """Kind and number: "Purchase order P-1001"."""
    sender: Party
    recipient: Party
    deliver_to: Party | None = None
    facts: tuple[Fact, ...] = ()
    columns: tuple[Column, ...]
    description_column: int
    """Index of the widest column, which takes the space that is left, and the notes of a row."""
    rows: tuple[Row, ...]
    totals: tuple[Fact, ...] = ()
    remarks: tuple[str, ...] = ()


def address_lines(address: Address) -> tuple[str, ...]:
    """An address as the lines of a letter; empty parts are left out."""
    town = " ".join(part for part in (address.post_code, address.city) if part)
    lines = (
        address.name,
        address.contact if address.contact != address.name else "",
        address.address,
        address.address_2,
        town,
        address.region,
        address.country_code,
    )
    return tuple(line for line in lines if line)


def plain(number: Decimal) -> str:
    """A number without an exponent."""
    return format(number, "f")


def sender(company: Company | None) -> Party:
    """Who the document is from; blank while the company is not set up, or its copy is not here yet."""
    return Party(heading="From", lines=address_lines(address_of(company)) if company is not None else ())


def facts(*pairs: tuple[str, str]) -> tuple[Fact, ...]:
    """Facts of those pairs whose value is not empty."""
    return tuple(Fact(label, value) for label, value in pairs if value)
