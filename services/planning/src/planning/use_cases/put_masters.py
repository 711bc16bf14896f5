"""Put items, locations, stockkeeping units, worksheets and the setup."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from contracts.refusals import Refusal, Violation, stale
from contracts.topics import KINDS
from eventkit import copies
from eventkit.kinds import Snapshot
from eventkit.transaction import Transaction
from planning.domain.masters import (
    ItemCard,
    ItemNeighbours,
    LocationCard,
    Setup,
    StockkeepingUnitCard,
    Worksheet,
    check_item,
    check_parameters,
    item_snapshot,
    item_warnings,
    location_snapshot,
    setup_snapshot,
    unit_snapshot,
)
from planning.domain.state import Record, next_version
from planning.store import ledger, masters
from recordkit.commands import Command, Done, Notice

R = TypeVar("R", bound=Record)
Key = Callable[[Any], str]
Check = Callable[[Any, Any], None]
Publish = Callable[[Any, str], Snapshot]


async def put_items(tx: Transaction, commands: Sequence[Command[ItemCard]]) -> list[Done | Refusal]:
    """Items (BC-MD-06 to 11); a special order's item that is always reserved is accepted with a warning."""
    codes = await copies.load(tx, KINDS["purchasing-code"], [c.data.purchasing_code for c in commands])
    around = await _neighbours(tx, commands, codes)
    done = await _put(
        tx,
        masters.ITEM,
        commands,
        key=lambda item: item.no,
        check=lambda item, before: check_item(item, before, around[item.no]),
        publish=item_snapshot,
    )
    return [
        _with_warnings(one, item_warnings(c.data, codes.get(c.data.purchasing_code)))
        if isinstance(one, Done)
        else one
        for c, one in zip(commands, done, strict=True)
    ]


async def put_locations(tx: Transaction, commands: Sequence[Command[LocationCard]]) -> list[Done | Refusal]:
    """Locations (BC-MD-20)."""
    return await _put(
        tx, masters.LOCATION, commands, key=lambda location: location.code, publish=location_snapshot
    )


async def put_stockkeeping_units(
    tx: Transaction, commands: Sequence[Command[StockkeepingUnitCard]]
) -> list[Done | Refusal]:
    """Items at locations (BC-MD-12)."""
    items = await masters.existing(tx, masters.ITEM, [c.data.item_no for c in commands])
    locations = await masters.existing(tx, masters.LOCATION, [c.data.location_code for c in commands])
    vendors = await copies.load(tx, KINDS["vendor"], [c.data.vendor_no for c in commands if c.data.vendor_no])

    def check(unit: StockkeepingUnitCard, _: StockkeepingUnitCard | None) -> None:
        found = []
        if unit.item_no not in items:
            found.append(Violation("unknown-item", f"item {unit.item_no} does not exist"))
        if unit.location_code not in locations:
            found.append(Violation("unknown-location", f"location {unit.location_code} does not exist"))
        if unit.vendor_no and unit.vendor_no not in vendors:
            found.append(Violation("unknown-vendor", f"vendor {unit.vendor_no} does not exist", "/vendor_no"))
        if found:
            waits_for = (
                (("vendor", unit.vendor_no),) if unit.vendor_no and unit.vendor_no not in vendors else ()
            )
            raise Refusal(*found, waits_for=waits_for)
        check_parameters(unit)

    return await _put(
        tx, masters.STOCKKEEPING_UNIT, commands, key=lambda unit: unit.no, check=check, publish=unit_snapshot
    )


async def put_setup(tx: Transaction, commands: Sequence[Command[Setup]]) -> list[Done | Refusal]:
    """How planning works here; automation is told to sales."""
    return await _put(tx, masters.SETUP, commands, key=lambda setup: setup.no, publish=setup_snapshot)


async def put_worksheets(tx: Transaction, commands: Sequence[Command[Worksheet]]) -> list[Done | Refusal]:
    """Requisition worksheets; nobody else needs to know of them."""
    return await _put(tx, masters.WORKSHEET, commands, key=lambda worksheet: worksheet.name)


async def _neighbours(
    tx: Transaction, commands: Sequence[Command[ItemCard]], codes: Mapping[str, Any]
) -> dict[str, ItemNeighbours]:
    vendors = await copies.load(tx, KINDS["vendor"], [c.data.vendor_no for c in commands if c.data.vendor_no])
    moved = await ledger.items_with_entries(tx, [c.data.no for c in commands])
    return {
        c.data.no: ItemNeighbours(
            vendor_known=not c.data.vendor_no or c.data.vendor_no in vendors,
            purchasing_code=code
            if (code := codes.get(c.data.purchasing_code)) and not code.deleted
            else None,
            has_ledger_entries=c.data.no in moved,
        )
        for c in commands
    }


async def _put(
    tx: Transaction,
    kind: str,
    commands: Sequence[Command[R]],
    *,
    key: Key,
    check: Check | None = None,
    publish: Publish | None = None,
) -> list[Done | Refusal]:
    """Store each record that changed with its next version, and tell it; the same again changes nothing."""
    known: dict[str, R] = await masters.lock(tx, kind, [key(c.data) for c in commands])
    state = dict(known)
    written: dict[str, R] = {}
    done: list[Done | Refusal] = []
    for command in commands:
        no = key(command.data)
        before = state.get(no)
        try:
            _expect(command, no, before)
            if check is not None:
                check(command.data, before)
        except Refusal as refusal:
            done.append(refusal)
            continue
        after = next_version(before, command.data)
        if after is not None:
            state[no] = written[no] = after
            if publish is not None:
                happened = "created" if before is None else "changed"
                tx.publish(KINDS[kind], no, publish(after, happened), command.context)
        done.append(Done(kind, no, state[no].version, created=before is None))
    await masters.store(tx, kind, written, known)
    return done


def _expect(command: Command[R], no: str, before: R | None) -> None:
    version = before.version if before is not None else 0
    if command.expected_version is not None and command.expected_version != version:
        raise stale(no, version)


def _with_warnings(done: Done, warnings: Sequence[tuple[str, str]]) -> Done:
    return Done(
        done.kind,
        done.no,
        done.version,
        created=done.created,
        warnings=tuple(Notice(code, detail) for code, detail in warnings),
    )
