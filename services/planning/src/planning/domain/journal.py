"""Adjusting stock by hand: what an item journal posts, and why it may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contracts.planning import StockLevel
from contracts.refusals import Refusal, Violation
from planning.domain.ledger import NEGATIVE, POSITIVE, LedgerEntry, StockKey, journal_fault, moved
from planning.domain.masters import INVENTORY
from planning.domain.references import References


class JournalLine(msgspec.Struct, frozen=True):
    """An adjustment; `quantity` in base units, negative = out."""

    item_no: str
    location_code: str
    quantity: Decimal
    reason: str = ""


class JournalPosting(msgspec.Struct, frozen=True):
    """Adjustments that are posted together or not at all; without a date on the company's today."""

    lines: tuple[JournalLine, ...]
    posting_date: date | None = None


def decide_journal(
    posting: JournalPosting,
    levels: dict[StockKey, StockLevel],
    refs: References,
    today: date,
    new_id: Callable[[], UUID],
) -> tuple[list[LedgerEntry], dict[StockKey, StockLevel]]:
    """The entries, and the stock levels after them; all that is wrong is refused at once."""
    after = dict(levels)
    unfit = [f for i, line in enumerate(posting.lines) for f in _line_faults(i, line, refs)]
    if unfit:
        raise Refusal(*unfit)
    conflicts = []
    for i, line in enumerate(posting.lines):
        key = line.item_no, line.location_code
        fault = journal_fault(after[key], line.quantity, refs.setup, f"/lines/{i}/quantity")
        conflicts += [fault] if fault is not None else []
        after[key] = moved(after[key], line.quantity, Decimal(0))
    if conflicts:
        raise Refusal(*conflicts)
    on = posting.posting_date or today
    return [_entry(line, on, new_id()) for line in posting.lines], after


def _line_faults(i: int, line: JournalLine, refs: References) -> list[Violation]:
    found = []
    item = refs.items.get(line.item_no)
    if item is None:
        found.append(Violation("unknown-item", f"item {line.item_no} does not exist", f"/lines/{i}/item_no"))
    elif item.type != INVENTORY:
        detail = f"item {line.item_no} is {item.type}: it has no stock"
        found.append(Violation("line-type-not-supported", detail, f"/lines/{i}/item_no"))
    if line.location_code and line.location_code not in refs.locations:
        detail = f"location {line.location_code} does not exist"
        found.append(Violation("unknown-location", detail, f"/lines/{i}/location_code"))
    if not line.location_code and refs.setup.location_mandatory:
        found.append(Violation("location-required", "a location must be given", f"/lines/{i}/location_code"))
    if line.quantity == 0:
        found.append(Violation("quantity-required", "quantity must not be 0", f"/lines/{i}/quantity"))
    return found


def _entry(line: JournalLine, on: date, posting_id: UUID) -> LedgerEntry:
    return LedgerEntry(
        posting_id=posting_id,
        entry_type=POSITIVE if line.quantity > 0 else NEGATIVE,
        item_no=line.item_no,
        location_code=line.location_code,
        quantity=line.quantity,
        posting_date=on,
        reason=line.reason,
    )
