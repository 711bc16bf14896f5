"""Adjusting stock by hand: what an item journal posts, and why it may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from contracts.fields import Day, ItemNo, LocationCodeOrBlank, SignedQuantity
from contracts.planning.masters import Location
from contracts.planning.stock import StockLevel
from contracts.refusals import Violations
from contracts.values import Model
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceData
from domainkit.stock import check_allocated, check_not_negative, goods_of
from planning.domain.masters.items import INVENTORY, ItemCard
from planning.domain.masters.setup import Setup, setup_of
from planning.domain.stock.ledger import NEGATIVE, POSITIVE, LedgerEntry, Reason, StockKey
from planning.domain.stock.levels import moved

JOURNAL_LINES_MAX: Final = 1_000


class JournalLine(Model, frozen=True, kw_only=True):
    """An adjustment of the stock of one item at one location."""

    item_no: ItemNo
    location_code: LocationCodeOrBlank = ""
    quantity: Annotated[
        SignedQuantity, Meta(description="What to add, in base units; negative: take out.", examples=["-3"])
    ]
    reason: Reason = ""


class PostItemJournal(Model, frozen=True, kw_only=True):
    """Adjustments that are posted together or not at all."""

    lines: Annotated[
        tuple[JournalLine, ...],
        Meta(min_length=1, max_length=JOURNAL_LINES_MAX, description="All are posted, or none."),
    ]
    posting_date: Annotated[
        Day | None, Meta(description="Left out: the company's today.", examples=["2026-03-12"])
    ] = None


StockLevels = Mapping[StockKey, StockLevel]


def decide_journal(
    journal: PostItemJournal,
    levels: StockLevels,
    context: DecisionContext,
) -> tuple[list[LedgerEntry], dict[StockKey, StockLevel]]:
    """The entries, and the stock levels after them; everything that is wrong is refused at once."""
    found = Violations()
    for i, line in enumerate(journal.lines):
        _check_line(found, line, f"/lines/{i}", context.references)
    found.refuse_if_any()
    after = dict(levels)
    setup = setup_of(context.references)
    for i, line in enumerate(journal.lines):
        key = line.item_no, line.location_code
        check_withdrawal(found, after[key], line.quantity, setup, f"/lines/{i}/quantity")
        after[key] = moved(after[key], line.quantity)
    found.refuse_if_any()
    on = journal.posting_date or context.references.today
    return [_entry(line, on, context.new_id()) for line in journal.lines], after


def check_withdrawal(
    found: Violations, level: StockLevel, quantity: Decimal, setup: Setup, pointer: str
) -> None:
    """An adjustment must not take what is allocated or reserved, or (by setup) what is not there."""
    if quantity >= 0:
        return
    left = level.stock + quantity
    if not check_allocated(found, level, left, pointer):
        return
    if level.reserved > 0 and left < level.allocated + level.reserved:
        detail = f"{goods_of(level)}: {level.reserved:f} of {level.stock:f} are reserved for sales orders"
        found.conflict("reserved-for-sales-order", detail, pointer)
    elif setup.prevent_negative_inventory:
        check_not_negative(found, level, left, pointer)


def _check_line(found: Violations, line: JournalLine, where: str, references: ReferenceData) -> None:
    item = references.find(ItemCard, line.item_no)
    if item is None:
        found.unknown("item", line.item_no, f"{where}/item_no")
    elif item.type != INVENTORY:
        detail = f"item {line.item_no} is {item.type}: it has no stock"
        found.invalid("line-type-not-supported", detail, f"{where}/item_no")
    if line.location_code and references.find(Location, line.location_code) is None:
        found.unknown("location", line.location_code, f"{where}/location_code")
    if not line.location_code and setup_of(references).location_mandatory:
        found.invalid("location-required", "a location must be given", f"{where}/location_code")
    if line.quantity == 0:
        found.invalid("quantity-required", "quantity must not be 0", f"{where}/quantity")


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
