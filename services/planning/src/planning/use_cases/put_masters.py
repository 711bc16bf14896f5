"""Put items, locations, stockkeeping units, worksheets and the setup."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from contracts.planning.masters import Location
from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal
from contracts.sales.masters import PurchasingCode
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from planning.domain.masters.catalog_items import CatalogCard, check_not_reserved
from planning.domain.masters.items import ItemCard, check_item_card, must_not_reserve
from planning.domain.masters.setup import SETUP_NO, Setup, check_setup
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard, check_unit_card
from planning.domain.masters.worksheets import Worksheet
from planning.store import catalog_items, ledger
from planning.store.kinds import ITEM, KINDS_OF_PLANNING, PUBLISHED, SETUP, STOCKKEEPING_UNIT
from recordkit import references as reference_store
from recordkit.commands import Command, Done, Notice
from recordkit.records import put_records


async def put_items(tx: Transaction, commands: Sequence[Command[ItemCard]]) -> list[Done | Refusal]:
    """Items (BC-MD-06 to 11); a special order's item that is always reserved is accepted with a warning."""
    query = ReferenceQuery()
    for command in commands:
        query.need(Vendor, command.data.vendor_no)
        query.need(PurchasingCode, command.data.purchasing_code)
    references = await reference_store.load(tx, query, KINDS_OF_PLANNING, tx.now)
    nos = [command.data.no for command in commands]
    moved = await ledger.items_with_entries(tx, nos)
    reserved = await catalog_items.by_item_no(tx, nos)
    commands = [_with_origin(command, reserved.get(command.data.no)) for command in commands]

    def check(item: ItemCard, before: ItemCard | None) -> None:
        check_item_card(item, before, references, has_ledger_entries=item.no in moved)
        check_not_reserved(item, reserved.get(item.no))

    results = await put_records(
        tx,
        commands,
        KINDS_OF_PLANNING,
        no_of=lambda item: item.no,
        check=check,
        published=PUBLISHED[ITEM],
    )
    return [
        _with_warning(result, must_not_reserve(command.data, references))
        for command, result in zip(commands, results, strict=True)
    ]


def _with_origin(command: Command[ItemCard], entry: CatalogCard | None) -> Command[ItemCard]:
    """What an item was made of is no field of a PUT."""
    made = entry is not None and entry.item_created
    return replace(command, data=replace(command.data, created_from_catalog=True)) if made else command


async def put_locations(tx: Transaction, commands: Sequence[Command[Location]]) -> list[Done | Refusal]:
    """Locations: addresses and handling times (BC-MD-20)."""
    return await put_records(tx, commands, KINDS_OF_PLANNING, no_of=lambda location: location.code)


async def put_stockkeeping_units(
    tx: Transaction, commands: Sequence[Command[StockkeepingUnitCard]]
) -> list[Done | Refusal]:
    """Items at locations (BC-MD-12)."""
    query = ReferenceQuery()
    for command in commands:
        query.need(ItemCard, command.data.item_no)
        query.need(Location, command.data.location_code)
        query.need(Vendor, command.data.vendor_no)
    references = await reference_store.load(tx, query, KINDS_OF_PLANNING, tx.now)
    return await put_records(
        tx,
        commands,
        KINDS_OF_PLANNING,
        no_of=lambda unit: unit.no,
        check=lambda unit, _: check_unit_card(unit, references),
        published=PUBLISHED[STOCKKEEPING_UNIT],
    )


async def put_setup(tx: Transaction, commands: Sequence[Command[Setup]]) -> list[Done | Refusal]:
    """How planning works here; sales sees the automation."""
    return await put_records(
        tx,
        commands,
        KINDS_OF_PLANNING,
        no_of=lambda _: SETUP_NO,
        check=lambda setup, _: check_setup(setup),
        published=PUBLISHED[SETUP],
    )


async def put_worksheets(tx: Transaction, commands: Sequence[Command[Worksheet]]) -> list[Done | Refusal]:
    """Requisition worksheets; they are not published."""
    return await put_records(tx, commands, KINDS_OF_PLANNING, no_of=lambda worksheet: worksheet.name)


def _with_warning(result: Done | Refusal, detail: str) -> Done | Refusal:
    if not detail or isinstance(result, Refusal):
        return result
    return replace(result, warnings=(Notice("reserve-must-be-never", detail),))
