"""Lines of sales orders select catalog items: they become items, and stop being ones with the last line."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from contracts.sales.orders import SalesLine, SalesOrder
from eventkit.consumer import Batch
from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.masters.catalog_items import CatalogCard
from planning.domain.masters.items import ItemCard
from planning.store import uses
from planning.store.kinds import ITEM, KINDS_OF_PLANNING, PUBLISHED
from planning.use_cases.put_catalog_items import make_items, store_entries
from recordkit import records
from recordkit.commands import Command


async def make_selected_items(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Make the items of catalog items that lines selected, before anything else needs them (BC-MD-28).

    A selection is a fact: an entry that was deleted since still becomes an item. An item that exists is used again.
    Batches without such lines read nothing.
    """
    selected = {
        line.catalog_entry_no: change.context for change in batch for line in _selecting(change.new).values()
    }
    if not selected:
        return
    cards = await records.lock(tx, KINDS_OF_PLANNING, CatalogCard, selected)
    items = await records.load(tx, KINDS_OF_PLANNING, ItemCard, (card.item_no for card in cards.values()))
    missing = {no for no, card in cards.items() if _is_missing(items.get(card.item_no))}
    await make_items(tx, {no: (cards[no], selected[no]) for no in sorted(missing)}, by_line=True)


def _is_missing(item: ItemCard | None) -> bool:
    return item is None or item.deleted


async def drop_unused_items(tx: Transaction, batch: Batch[SalesOrder]) -> None:
    """Delete items that a line had made of catalog items, once no line needs them and nothing moved (BC-MD-29).

    The entry keeps the number for the next line that selects it.
    """
    gone = {
        line.catalog_entry_no: change.context
        for change in batch
        if change.old is not None
        for line in _no_longer(change.old, change.new).values()
    }
    if not gone:
        return
    cards = await records.lock(tx, KINDS_OF_PLANNING, CatalogCard, gone)
    made = {no: card for no, card in cards.items() if card.item_created and card.made_by_line}
    used = await uses.used_items(tx, (card.item_no for card in made.values())) if made else set()
    await _drop(tx, {no: card for no, card in made.items() if card.item_no not in used}, gone)


async def _drop(tx: Transaction, cards: Mapping[str, CatalogCard], why: Mapping[str, Context]) -> None:
    if not cards:
        return
    await records.delete_records(
        tx,
        [Command(card.item_no, why[no]) for no, card in cards.items()],
        KINDS_OF_PLANNING,
        ItemCard,
        published=PUBLISHED[ITEM],
    )
    after = {no: replace(card, item_created=False, made_by_line=False) for no, card in cards.items()}
    await store_entries(tx, [Command(card, why[no]) for no, card in after.items()])


def _selecting(order: SalesOrder) -> dict[str, SalesLine]:
    """The lines that selected a catalog item, by id."""
    return {str(line.id): line for line in order.lines if line.catalog_entry_no}


def _no_longer(old: SalesOrder, new: SalesOrder) -> dict[str, SalesLine]:
    """Lines that were taken out, or that have another item now."""
    after = _selecting(new)
    return {
        line_id: line
        for line_id, line in _selecting(old).items()
        if line_id not in after or after[line_id].catalog_entry_no != line.catalog_entry_no
    }
