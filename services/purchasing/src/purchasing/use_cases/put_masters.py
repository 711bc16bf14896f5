"""Vendors, their catalogues and the setup: written whole, published if something changed."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.keys import item_vendor_no
from contracts.planning.masters import Item, Location
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.refusals import Refusal, conflict
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from purchasing.domain.setup import SETUP_NO, PurchasingSetup
from purchasing.domain.vendors import check_catalogue_entry, check_vendor_details
from purchasing.store.kinds import KINDS_OF_PURCHASING
from purchasing.store.uses import vendors_with_documents
from recordkit import records, references
from recordkit.commands import Command, Done


async def put_vendors(tx: Transaction, commands: Sequence[Command[Vendor]]) -> list[Done | Refusal]:
    """Write vendors; their location must exist."""
    query = ReferenceQuery()
    query.need(Location, *(c.data.location_code for c in commands))
    found = await references.load(tx, query, KINDS_OF_PURCHASING, tx.now)

    def check(vendor: Vendor, _: Vendor | None) -> None:
        check_vendor_details(found, vendor)

    return await records.put_records(
        tx, commands, KINDS_OF_PURCHASING, no_of=lambda vendor: vendor.no, check=check
    )


async def delete_vendors(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Take vendors without documents out of use; one that has any can be blocked instead (BC-MD-18)."""
    used = await vendors_with_documents(tx, [command.data for command in commands])

    def check(vendor: Vendor) -> None:
        if vendor.no in used:
            raise conflict("vendor-in-use", f"vendor {vendor.no} has documents; block it instead")

    return await records.delete_records(tx, commands, KINDS_OF_PURCHASING, Vendor, check=check)


async def put_item_vendors(tx: Transaction, commands: Sequence[Command[ItemVendor]]) -> list[Done | Refusal]:
    """Write catalogue entries of existing vendors and items."""
    query = ReferenceQuery()
    query.need(Vendor, *(c.data.vendor_no for c in commands))
    query.need(Item, *(c.data.item_no for c in commands))
    found = await references.load(tx, query, KINDS_OF_PURCHASING, tx.now)

    def check(entry: ItemVendor, _: ItemVendor | None) -> None:
        check_catalogue_entry(found, entry)

    return await records.put_records(tx, commands, KINDS_OF_PURCHASING, no_of=_entry_no, check=check)


def _entry_no(entry: ItemVendor) -> str:
    return item_vendor_no(entry.vendor_no, entry.item_no)


async def delete_item_vendors(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Take entries out of catalogues, by their numbers (vendor/item)."""
    return await records.delete_records(tx, commands, KINDS_OF_PURCHASING, ItemVendor)


async def put_setups(tx: Transaction, commands: Sequence[Command[PurchasingSetup]]) -> list[Done | Refusal]:
    """Write the setup, which no other service reads."""
    return await records.put_records(tx, commands, KINDS_OF_PURCHASING, no_of=lambda _: SETUP_NO)
