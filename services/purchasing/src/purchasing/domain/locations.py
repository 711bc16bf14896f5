"""Where goods are received."""

from __future__ import annotations

from contracts.planning.masters import Location
from contracts.refusals import Violations
from contracts.values import Address
from domainkit.parties import address_of
from domainkit.references import ReferenceData


def check_location(
    found: Violations, references: ReferenceData, code: str, pointer: str = "/location_code"
) -> None:
    """A given location exists; "" is the company's own address."""
    if code and references.find(Location, code) is None:
        found.unknown("location", code, pointer, copy_of="location")


def receiving_address(references: ReferenceData, location_code: str) -> Address:
    """Where goods for a location go: its address, or the company's without a location (BC-MD-20)."""
    place = references.find(Location, location_code) if location_code else references.company
    return address_of(place) if place is not None else Address()
