"""People put lines of posted shipments onto sales invoices."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.refusals import Refusal, unknown
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done, decide_each
from sales.domain.invoices.commands import GetShipmentLines
from sales.domain.invoices.invoice import SalesInvoice
from sales.domain.invoices.shipment_lines import with_shipment_lines
from sales.store import orders as order_store
from sales.store import posted_documents
from sales.use_cases.sales_documents import INVOICES


async def get_shipment_lines(
    tx: Transaction, commands: Sequence[Command[GetShipmentLines]]
) -> list[Done | Refusal]:
    """Put lines of shipments onto invoices (BC-SD-11). Posting decides, under the order's lock, who invoices them."""
    invoices = await INVOICES.lock(tx, commands)
    shipments = await posted_documents.shipments(tx, (c.data.wanted.shipment_no for c in commands))
    orders = await order_store.read(tx, (shipment.sales_order_no for shipment in shipments.values()))

    def decide(command: Command[GetShipmentLines]) -> Done:
        invoice = invoices.addressed(command)
        wanted = command.data.wanted
        shipment = shipments.get(wanted.shipment_no)
        if shipment is None:
            raise unknown("posted-sales-shipment", wanted.shipment_no, pointer="/shipment_no")
        assert isinstance(invoice, SalesInvoice)  # noqa: S101 - the kind that was locked
        order = orders.get(shipment.sales_order_no)
        after = with_shipment_lines(invoice, shipment, wanted, order, new_id)
        return invoices.keep(after, command.context, "shipment_lines_got")

    results = decide_each(commands, decide)
    await invoices.store(tx)
    return results
