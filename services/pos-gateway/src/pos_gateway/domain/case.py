"""All that a decision about one new order rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.refusals import Violations
from pos_gateway.domain.configuration import CommerceParameters, FunctionalityProfile, Store, Worker
from pos_gateway.domain.known import Known
from pos_gateway.domain.money import minor_unit
from pos_gateway.domain.new_order import NewOrder
from pos_gateway.domain.order import Mode


class Till(msgspec.Struct, frozen=True, kw_only=True):
    """Where a wish comes from, as its token says: terminal and worker."""

    store_no: str
    terminal_no: str
    worker_id: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that hold for a till. `stores`: all of the company's, by number."""

    store: Store
    stores: Mapping[str, Store]
    profile: FunctionalityProfile
    parameters: CommerceParameters
    worker: Worker
    version: int
    mode: Mode
    """How the order reaches sales: settled when the request came in, it decides how the till is answered."""


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """What is made outside the decision: time of receipt, ids, numbers. `dry_run`: no money is asked for."""

    received_at: datetime
    transaction_id: UUID
    customer_id: UUID
    issued_no: str
    pickup_code: str = ""
    dry_run: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A wish, its circumstances, and what was found against it so far."""

    new: NewOrder
    place: Place
    known: Known
    occasion: Occasion
    unit: Decimal
    """The currency's minor unit."""
    found: Violations

    @classmethod
    def open(cls, new: NewOrder, place: Place, known: Known, occasion: Occasion) -> Case:
        """A case with nothing found yet."""
        return cls(
            new=new,
            place=place,
            known=known,
            occasion=occasion,
            unit=minor_unit(place.store.currency_code),
            found=Violations(),
        )
