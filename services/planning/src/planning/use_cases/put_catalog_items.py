"""Put and delete catalog items, and make the items that they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal, not_found
from contracts.sales.masters import PurchasingCode
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.context import Context
from eventkit.transaction import Transaction
from planning.domain.masters.catalog_items import (
    SERIES,
    CatalogCard,
    check_catalog_item,
    check_item_can_be_made,
    item_numbers,
    item_of,
    kept,
    reserved,
    takes_series,
)
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import Setup, setup_of
from planning.store import catalog_items
from planning.store import references as reference_store
from planning.store.kinds import CATALOG_ITEM, ITEM, KINDS_OF_PLANNING, PUBLISHED
from recordkit import records, series
from recordkit.commands import Command, Done, decide_each


async def put_catalog_items(
    tx: Transaction, commands: Sequence[Command[CatalogCard]]
) -> list[Done | Refusal]:
    """Catalog items (BC-MD-23 to 25); a new one reserves the number that its item will have (BC-MD-26)."""
    cards = [command.data for command in commands]
    before = await records.lock(tx, KINDS_OF_PLANNING, CatalogCard, (card.entry_no for card in cards))
    references = await _references(tx, cards)
    holders = await catalog_items.of_vendors(tx, [card.of_vendor for card in cards])
    numbered = await _numbered(
        tx, [kept(card, before.get(card.entry_no)) for card in cards], setup_of(references)
    )

    def check(card: CatalogCard, old: CatalogCard | None) -> None:
        holder = holders.get(card.of_vendor)
        other = holder.entry_no if holder is not None and holder.entry_no != card.entry_no else ""
        check_catalog_item(card, old, references, other)

    ready = [
        replace(command, data=card)
        for command, card in zip(commands, numbered, strict=True)
        if isinstance(card, CatalogCard)
    ]
    done = iter(
        await records.put_records(
            tx,
            ready,
            KINDS_OF_PLANNING,
            no_of=lambda card: card.entry_no,
            check=check,
            published=PUBLISHED[CATALOG_ITEM],
        )
    )
    return [each if isinstance(each, Refusal) else next(done) for each in numbered]


async def _references(tx: Transaction, cards: Iterable[CatalogCard]) -> ReferenceData:
    query = ReferenceQuery()
    for card in cards:
        query.need(Vendor, card.vendor_no)
        query.need(PurchasingCode, card.purchasing_code)
    return await reference_store.load(tx, query, tx.now)


async def _numbered(
    tx: Transaction, cards: Sequence[CatalogCard], setup: Setup
) -> list[CatalogCard | Refusal]:
    """The entries with reserved numbers; one for which none is left is refused."""
    new = [card for card in cards if not card.item_no]
    if takes_series(setup):
        numbers = iter(await series.take_free(tx, SERIES, len(new), partial(_taken, tx)))
        return [card if card.item_no else _of_series(card, next(numbers, "")) for card in cards]
    taken = await _taken(tx, [no for card in new for no in item_numbers(card, setup)])
    found: list[CatalogCard | Refusal] = []
    for card in cards:
        try:
            made = card if card.item_no else reserved(card, setup, taken)
        except Refusal as refusal:
            found.append(refusal)
        else:
            taken.add(made.item_no)
            found.append(made)
    return found


def _of_series(card: CatalogCard, number: str) -> CatalogCard | Refusal:
    return replace(card, item_no=number) if number else series.exhausted(SERIES)


async def _taken(tx: Transaction, nos: Sequence[str]) -> set[str]:
    """Which of these numbers items have, or catalog items for theirs."""
    if not nos:
        return set()
    items = await records.load(tx, KINDS_OF_PLANNING, ItemCard, nos)
    return {no for no, item in items.items() if not item.deleted} | set(
        await catalog_items.by_item_no(tx, nos)
    )


async def delete_catalog_items(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Take entries out of the catalog; an item that was made of one stays."""
    return await records.delete_records(
        tx, commands, KINDS_OF_PLANNING, CatalogCard, published=PUBLISHED[CATALOG_ITEM]
    )


async def create_items(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Make the items of catalog items, by the entries' numbers (BC-MD-27)."""
    cards = await records.lock(tx, KINDS_OF_PLANNING, CatalogCard, (c.data for c in commands))
    items = await records.load(tx, KINDS_OF_PLANNING, ItemCard, (card.item_no for card in cards.values()))
    made: dict[str, tuple[CatalogCard, Context]] = {}

    def decide(command: Command[str]) -> Done:
        card = cards.get(command.data)
        if card is None or card.deleted:
            raise not_found(CATALOG_ITEM, command.data)
        records.check_version(card, command, command.data)
        check_item_can_be_made(_item_of_entry(card, items, made))
        made[card.entry_no] = (card, command.context)
        return Done(CATALOG_ITEM, card.entry_no, card.version + 1)

    results = decide_each(commands, decide)
    await make_items(tx, made, by_line=False)
    return results


def _item_of_entry(
    card: CatalogCard, items: Mapping[str, ItemCard], made: Mapping[str, tuple[CatalogCard, Context]]
) -> ItemCard | None:
    """The item of an entry, also one that the batch makes."""
    return item_of(card) if card.entry_no in made else items.get(card.item_no)


async def make_items(
    tx: Transaction, made: Mapping[str, tuple[CatalogCard, Context]], *, by_line: bool
) -> None:
    """Store and publish the items of locked entries, and that they exist."""
    if not made:
        return
    await records.put_records(
        tx,
        [Command(item_of(card), context) for card, context in made.values()],
        KINDS_OF_PLANNING,
        no_of=lambda item: item.no,
        published=PUBLISHED[ITEM],
    )
    await store_entries(
        tx,
        [
            Command(replace(card, item_created=True, made_by_line=by_line), context)
            for card, context in made.values()
        ],
    )


async def store_entries(tx: Transaction, commands: Sequence[Command[CatalogCard]]) -> None:
    """Store and publish locked entries."""
    await records.put_records(
        tx,
        commands,
        KINDS_OF_PLANNING,
        no_of=lambda card: card.entry_no,
        published=PUBLISHED[CATALOG_ITEM],
    )
