"""What a customer was promised, and whether the vendor's date keeps it (G10)."""

from __future__ import annotations

from datetime import date
from typing import Protocol


class PromisedLine(Protocol):
    """A line of a sales order, in whichever service."""

    @property
    def shipment_date(self) -> date | None:
        """When the goods are to leave."""
        ...

    @property
    def planned_delivery_date(self) -> date | None:
        """When the goods are to arrive at the customer."""
        ...

    @property
    def promised_delivery_date(self) -> date | None:
        """What was promised when the order was released first; None before."""
        ...

    @property
    def drop_shipment(self) -> bool:
        """The vendor delivers to the customer."""
        ...


def promised_date(line: PromisedLine) -> date | None:
    """What the customer counts on: the promise, or the plan before anything was promised."""
    return line.promised_delivery_date or line.planned_delivery_date


def is_late(line: PromisedLine, delivery_date: date) -> bool:
    """Whether goods that the vendor delivers on this day come too late for the line.

    A drop shipment arrives at the customer; a special order must be here when it is to be shipped.
    """
    needed = line.planned_delivery_date if line.drop_shipment else line.shipment_date
    needed = needed or line.planned_delivery_date or line.shipment_date
    return needed is not None and delivery_date > needed
