"""An item was made of a catalog item: its vendor's catalogue lists it (BC-MD-27)."""

from __future__ import annotations

from contracts.keys import item_vendor_no
from contracts.planning.masters import Item
from contracts.purchasing.masters import ItemVendor, Vendor
from domainkit.references import ReferenceQuery
from eventkit.consumer import Batch
from eventkit.transaction import Transaction
from purchasing.domain.vendors import first_entry
from purchasing.store.kinds import KINDS_OF_PURCHASING
from recordkit import records, references
from recordkit.commands import Command


async def follow_items(tx: Transaction, batch: Batch[Item]) -> None:
    """Write the first catalogue entry of such items, at the negotiated cost.

    One that was ever there is a person's: it is neither changed nor made again, so redelivery changes nothing.
    """
    made = {
        item_vendor_no(change.new.vendor_no, change.no): change
        for change in batch
        if change.new.created_from_catalog and not change.new.deleted
    }
    if not made:
        return
    known = await records.lock(tx, KINDS_OF_PURCHASING, ItemVendor, made)
    new = {no: change for no, change in made.items() if no not in known}
    query = ReferenceQuery()
    query.need(Vendor, *(change.new.vendor_no for change in new.values()))
    found = await references.load(tx, query, KINDS_OF_PURCHASING, tx.now)
    entries = [
        Command(first_entry(change.new, vendor, found.home_currency), change.context)
        for change in new.values()
        if (vendor := found.find(Vendor, change.new.vendor_no)) is not None
    ]
    await records.put_records(
        tx,
        entries,
        KINDS_OF_PURCHASING,
        no_of=lambda entry: item_vendor_no(entry.vendor_no, entry.item_no),
    )
