"""Take items, locations and stockkeeping units out of use; what documents name stays."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.planning.masters import Location
from contracts.refusals import Refusal, conflict
from eventkit.transaction import Transaction
from planning.domain.masters.items import ItemCard
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.store import uses
from planning.store.kinds import ITEM, KINDS_OF_PLANNING, PUBLISHED, STOCKKEEPING_UNIT
from recordkit.commands import Command, Done
from recordkit.records import delete_records


async def delete_items(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Items that never moved and are on no document; a used one can be blocked instead (BC-MD-11)."""
    used = await uses.used_items(tx, [command.data for command in commands])

    def check(item: ItemCard) -> None:
        if item.no in used:
            raise conflict("item-in-use", f"item {item.no} is on documents or has moved; block it instead")

    return await delete_records(
        tx, commands, KINDS_OF_PLANNING, ItemCard, check=check, published=PUBLISHED[ITEM]
    )


async def delete_locations(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Locations where nothing lies, moved or shall move."""
    used = await uses.used_locations(tx, [command.data for command in commands])

    def check(location: Location) -> None:
        if location.code in used:
            raise conflict("location-in-use", f"goods moved or shall move at location {location.code}")

    return await delete_records(tx, commands, KINDS_OF_PLANNING, Location, check=check)


async def delete_stockkeeping_units(
    tx: Transaction, commands: Sequence[Command[str]]
) -> list[Done | Refusal]:
    """Stockkeeping units: from then on the item's own vendor and parameters hold there (BC-MD-12)."""
    return await delete_records(
        tx, commands, KINDS_OF_PLANNING, StockkeepingUnitCard, published=PUBLISHED[STOCKKEEPING_UNIT]
    )
