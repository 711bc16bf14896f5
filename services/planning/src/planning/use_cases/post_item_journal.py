"""Adjust stock by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.refusals import Refusal
from eventkit.context import Context
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from planning.domain.journal import JournalPosting, decide_journal
from planning.domain.ledger import LedgerEntry
from planning.store import ledger, references
from planning.use_cases.post_entries import post_entries
from recordkit.commands import Command, Done


async def post_item_journals(
    tx: Transaction, commands: Sequence[Command[JournalPosting]]
) -> list[Done | Refusal]:
    """Post adjustments to the ledger; what is allocated to special orders cannot be taken."""
    refs = await references.load(tx, _wanted(commands))
    keys = {
        (line.item_no, line.location_code)
        for c in commands
        for line in c.data.lines
        if line.item_no in refs.items
    }
    levels = await ledger.lock_stock(tx, keys)
    entries: list[LedgerEntry] = []
    reasons: dict[UUID, Context] = {}
    decided: list[list[LedgerEntry] | Refusal] = []
    for command in commands:
        try:
            own, levels = decide_journal(command.data, levels, refs, refs.today(tx.now), new_id)
        except Refusal as refusal:
            decided.append(refusal)
            continue
        entries += own
        reasons |= {entry.posting_id: command.context for entry in own}
        decided.append(own)
    numbers: dict[ledger.EntryKey, int] = {}
    if entries:
        numbers = await post_entries(
            tx, entries, freed={}, why=lambda e: reasons[e.posting_id], otherwise=commands[0].context
        )
    return [one if isinstance(one, Refusal) else _done(one, numbers) for one in decided]


def _wanted(commands: Sequence[Command[JournalPosting]]) -> references.Wanted:
    wanted = references.Wanted()
    for command in commands:
        for line in command.data.lines:
            wanted.item(line.item_no, line.location_code)
    return wanted


def _done(entries: Sequence[LedgerEntry], numbers: dict[ledger.EntryKey, int]) -> Done:
    answer: dict[str, Any] = {
        "lines": [
            {
                "entry_no": numbers[e.posting_id, False],
                "item_no": e.item_no,
                "location_code": e.location_code,
                "quantity": e.quantity,
                "posting_date": e.posting_date,
                "reason": e.reason,
            }
            for e in entries
        ]
    }
    return Done("item-journal", str(entries[0].posting_id), answer=answer)
