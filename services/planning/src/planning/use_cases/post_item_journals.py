"""Adjust stock by hand."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from contracts.refusals import Refusal
from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.masters.items import ItemCard
from planning.domain.masters.supply import need_item
from planning.domain.stock.journal import PostItemJournal, decide_journal
from planning.domain.stock.ledger import LedgerEntry
from planning.store import ledger
from planning.store import references as reference_store
from planning.use_cases.post_entries import post_entries
from recordkit.commands import Command, Done


class PostedEntry(msgspec.Struct, frozen=True):
    """An entry with the number that the ledger gave it."""

    entry_no: int
    entry: LedgerEntry


async def post_item_journals(
    tx: Transaction, commands: Sequence[Command[PostItemJournal]]
) -> list[Done | Refusal]:
    """Post adjustments to the ledger; what is allocated to special orders or reserved cannot be taken."""
    context = DecisionContext(
        references=await reference_store.load(tx, _query(commands), tx.now), new_id=new_id
    )
    items = context.references.all_of(ItemCard)
    keys = {
        (line.item_no, line.location_code)
        for command in commands
        for line in command.data.lines
        if line.item_no in items
    }
    levels = await ledger.lock_stock(tx, keys)
    decided: list[list[LedgerEntry] | Refusal] = []
    reasons: dict[UUID, Context] = {}
    for command in commands:
        try:
            entries, levels = decide_journal(command.data, levels, context)
        except Refusal as refusal:
            decided.append(refusal)
            continue
        decided.append(entries)
        reasons |= {entry.posting_id: command.context for entry in entries}
    posted = [entry for entries in decided if not isinstance(entries, Refusal) for entry in entries]
    numbers: dict[ledger.EntryKey, int] = {}
    if posted:
        numbers = await post_entries(
            tx, posted, freed={}, why=lambda e: reasons[e.posting_id], otherwise=commands[0].context
        )
    return [one if isinstance(one, Refusal) else _done(one, numbers) for one in decided]


def _query(commands: Sequence[Command[PostItemJournal]]) -> ReferenceQuery:
    query = ReferenceQuery()
    for command in commands:
        for line in command.data.lines:
            need_item(query, line.item_no, line.location_code)
    return query


def _done(entries: Sequence[LedgerEntry], numbers: dict[ledger.EntryKey, int]) -> Done:
    posted = tuple(PostedEntry(numbers[e.posting_id, False], e) for e in entries)
    return Done("item-journal", str(entries[0].posting_id), answer=posted)
