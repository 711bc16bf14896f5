"""Vendors, their catalogues and the setup: written whole, published if something changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from contracts.purchasing import ItemVendor, Vendor
from contracts.refusals import Refusal, not_found, stale, unknown
from contracts.topics import KINDS
from domainkit.records import Record
from eventkit.transaction import Transaction
from purchasing.domain.known import Known
from purchasing.domain.masters import check_price_breaks
from purchasing.domain.order_lines import must_be_a_location
from purchasing.domain.setup import PurchasingSetup
from purchasing.store import masters
from purchasing.store.knowledge import Needs
from recordkit.commands import Command, Done

S = TypeVar("S", bound=Record)
Results = list[Done | Refusal]


class DeleteItemVendor(msgspec.Struct, frozen=True):
    """Take an item out of a vendor's catalogue."""

    vendor_no: str
    item_no: str


async def put_vendors(tx: Transaction, commands: Sequence[Command[Vendor]]) -> Results:
    """Write vendors."""
    needs = Needs()
    for command in commands:
        needs.location(command.data.location_code)
    known = await needs.load(tx, tx.now)

    def check(vendor: Vendor) -> None:
        must_be_a_location(vendor.location_code, known, "/location_code")

    return await _put(tx, commands, masters.VENDOR, lambda v: v.no, check)


async def put_item_vendors(tx: Transaction, commands: Sequence[Command[ItemVendor]]) -> Results:
    """Write catalogue entries of existing vendors and items."""
    needs = Needs()
    for command in commands:
        needs.vendor(command.data.vendor_no)
        needs.item_alone(command.data.item_no)
    known = await needs.load(tx, tx.now)

    def check(entry: ItemVendor) -> None:
        _must_exist(entry, known)
        check_price_breaks(entry)

    return await _put(tx, commands, masters.ITEM_VENDOR, _entry_no, check)


def _must_exist(entry: ItemVendor, known: Known) -> None:
    if entry.vendor_no not in known.vendors:
        raise not_found("vendor", entry.vendor_no)
    item = known.items.get(entry.item_no)
    if item is None:
        raise unknown("item", entry.item_no, copy_of="item")
    units = {item.base_unit_of_measure, *(u.code for u in item.units_of_measure)}
    if entry.unit_of_measure_code and entry.unit_of_measure_code not in units:
        refusal = unknown("unit-of-measure", entry.unit_of_measure_code, pointer="/unit_of_measure_code")
        raise Refusal(*refusal.violations, waits_for=(("item", item.no),))


def _entry_no(entry: ItemVendor) -> str:
    return masters.item_vendor_no(entry.vendor_no, entry.item_no)


async def delete_item_vendors(tx: Transaction, commands: Sequence[Command[DeleteItemVendor]]) -> Results:
    """Take entries out of catalogues: the last version says `deleted`."""
    nos = [masters.item_vendor_no(c.data.vendor_no, c.data.item_no) for c in commands]
    present: dict[str, ItemVendor] = await masters.lock(tx, masters.ITEM_VENDOR, nos)
    gone_now: dict[str, ItemVendor] = {}
    results: Results = []
    for no, command in zip(nos, commands, strict=True):
        entry = present.get(no)
        if entry is None or entry.deleted:
            results.append(not_found("item-vendor", no))
        elif command.expected_version not in {None, entry.version}:
            results.append(stale(no, entry.version))
        else:
            gone = msgspec.structs.replace(
                entry, version=entry.version + 1, deleted=True, happened=("deleted",)
            )
            present[no] = gone_now[no] = gone
            tx.publish(KINDS["item-vendor"], no, gone, command.context)
            results.append(Done("item-vendor", no, gone.version))
    await masters.store(tx, masters.ITEM_VENDOR, gone_now, set(present))
    return results


async def put_setups(tx: Transaction, commands: Sequence[Command[PurchasingSetup]]) -> Results:
    """Write the setup, which nobody else reads."""
    return await _put(tx, commands, masters.SETUP, lambda _: masters.SETUP_NO, lambda _: None)


async def _put(
    tx: Transaction,
    commands: Sequence[Command[S]],
    kind: str,
    number: Callable[[S], str],
    check: Callable[[S], None],
) -> Results:
    present: dict[str, S] = await masters.lock(tx, kind, (number(c.data) for c in commands))
    there = set(present)
    changed: dict[str, S] = {}
    results: Results = []
    for command in commands:
        no = number(command.data)
        try:
            check(command.data)
            after = _after(present.get(no), command, no)
        except Refusal as refusal:
            results.append(refusal)
            continue
        before = present.get(no)
        if after is not before:
            present[no] = changed[no] = after
            if kind in KINDS:
                tx.publish(KINDS[kind], no, after, command.context)
        results.append(Done(kind, no, after.version, created=before is None or before.deleted))
    await masters.store(tx, kind, changed, there)
    return results


def _after(before: S | None, command: Command[S], no: str) -> S:
    """The record after the command; `before` itself if nothing changes."""
    version = before.version if before is not None else 0
    if command.expected_version not in {None, version}:
        raise stale(no, version)
    same = _with(command.data, version=version, happened=before.happened if before is not None else ())
    if before is not None and same == before:
        return before
    happened = "created" if before is None or before.deleted else "changed"
    after: S = _with(command.data, version=version + 1, happened=(happened,))
    return after


def _with(record: S, **changes: Any) -> S:
    return msgspec.structs.replace(record, **changes)  # type: ignore[type-var] # records are structs
