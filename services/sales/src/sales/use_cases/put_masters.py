"""Upsert and delete sales' master data; what others keep copies of is published."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contracts.planning import Location
from contracts.refusals import Refusal, Violations, not_found, stale
from contracts.sales import Company, Customer, PurchasingCode, ShipToAddress
from contracts.topics import KINDS
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from sales.domain import masters as rules
from sales.domain.masters import Record
from sales.domain.references import knows_time_zone
from sales.store import masters, references
from sales.store.masters import Key
from sales.store.references import Wanted


class PutMaster(msgspec.Struct, frozen=True):
    """A record as it shall be from now on; its version is not looked at."""

    kind: str
    no: str
    record: Record


class DeleteMaster(msgspec.Struct, frozen=True):
    """A record that shall be no more."""

    kind: str
    no: str


async def put_masters(tx: Transaction, commands: Sequence[Command[PutMaster]]) -> list[Done | Refusal]:
    """Store records. One that is already as wanted stays at its version and is not published again."""
    known = await masters.lock(tx, _keys_of([(c.data.kind, c.data.no) for c in commands], commands))
    locations = await _locations(tx, commands)
    there = frozenset(known)
    changed: dict[Key, Record] = {}
    results: list[Done | Refusal] = []
    for command in commands:
        data = command.data
        key = (data.kind, data.no)
        before = known.get(key)
        try:
            _check_version(before, command.expected_version, data.no)
            _check(data.record, locations)
            _check_owner(data.record, known)
        except Refusal as refusal:
            results.append(refusal)
            continue
        after = rules.changed(before, data.record)
        if after is not None:
            known[key] = changed[key] = after
            _publish(tx, data.kind, data.no, after, command)
        now = known[key]
        created = after is not None and (before is None or before.deleted)
        results.append(Done(data.kind, data.no, now.version, created=created))
    await masters.store(tx, changed, new=changed.keys() - there)
    return results


async def delete_masters(tx: Transaction, commands: Sequence[Command[DeleteMaster]]) -> list[Done | Refusal]:
    """Mark records deleted; the next version says so to everybody."""
    known = await masters.lock(tx, [(c.data.kind, c.data.no) for c in commands])
    gone: dict[Key, Record] = {}
    results: list[Done | Refusal] = []
    for command in commands:
        key = (command.data.kind, command.data.no)
        before = known.get(key)
        if before is None or before.deleted:
            results.append(not_found(*key))
            continue
        try:
            _check_version(before, command.expected_version, key[1])
        except Refusal as refusal:
            results.append(refusal)
            continue
        known[key] = gone[key] = after = rules.deleted(before)
        _publish(tx, *key, after, command)
        results.append(Done(*key, after.version))
    await masters.store(tx, gone, new=frozenset())
    return results


def _publish(
    tx: Transaction, kind: str, no: str, after: Record, command: Command[PutMaster] | Command[DeleteMaster]
) -> None:
    if kind in KINDS:
        tx.publish(KINDS[kind], no, after, command.context)


def _check_version(before: Record | None, expected: int | None, no: str) -> None:
    version = before.version if before is not None and not before.deleted else 0
    if expected is not None and expected != version:
        raise stale(no, version)


def _keys_of(keys: list[Key], commands: Sequence[Command[PutMaster]]) -> list[Key]:
    """The records themselves, and the customers that addresses belong to."""
    owners = [
        ("customer", c.data.record.customer_no) for c in commands if isinstance(c.data.record, ShipToAddress)
    ]
    return keys + owners


async def _locations(tx: Transaction, commands: Sequence[Command[PutMaster]]) -> dict[str, Location]:
    wanted, any_named = Wanted(), False
    for command in commands:
        record = command.data.record
        if isinstance(record, Customer | ShipToAddress) and record.location_code:
            wanted.location(record.location_code)
            any_named = True
    return dict((await references.load(tx, wanted)).locations) if any_named else {}


def _check(record: Record, locations: dict[str, Location]) -> None:
    if isinstance(record, PurchasingCode):
        rules.check_purchasing_code(record)
    if isinstance(record, Company):
        rules.check_company(record, known_zone=knows_time_zone(record.time_zone))
    if isinstance(record, Customer | ShipToAddress) and record.location_code:
        faults = Violations()
        if record.location_code not in locations:
            faults.unknown("location", record.location_code, "/location_code", copy_of="location")
        faults.refuse_if_any()


def _check_owner(record: Record, known: dict[Key, Record]) -> None:
    """An address belongs to a customer that exists."""
    if isinstance(record, ShipToAddress):
        owner = known.get(("customer", record.customer_no))
        if owner is None or owner.deleted:
            raise not_found("customer", record.customer_no)
