"""People send purchase orders to their vendors."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.planning.masters import Item
from contracts.purchasing.masters import Vendor
from contracts.refusals import Refusal
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from mailkit import mails
from mailkit.mails import NewMail
from purchasing.domain.orders.commands import SendOrder
from purchasing.domain.orders.sending import sent
from purchasing.domain.papers import OrderParties, order_paper
from purchasing.use_cases.contexts import load_context
from purchasing.use_cases.locked_orders import KIND, lock_orders, store_orders
from recordkit.commands import Command, Done, decide_each


async def send_orders(tx: Transaction, commands: Sequence[Command[SendOrder]]) -> list[Done | Refusal]:
    """Note the revision that the vendor gets, and queue the mail: it leaves after the commit (BC-DS-40)."""
    locked = await lock_orders(tx, (c.data.no for c in commands))
    query = ReferenceQuery()
    for order in locked.by_no.values():
        query.need(Vendor, order.vendor_no)
        query.need(Item, *(line.item_no for line in order.printed_lines))
    context = await load_context(tx, query)
    queued: list[NewMail] = []

    def decide(command: Command[SendOrder]) -> Done:
        order = sent(locked.get(command.data.no, command.if_match), command.data, context)
        done = locked.put(order, command.context, "sent")
        if order.sent_to:
            vendor = context.references.find(Vendor, order.vendor_no)
            paper = order_paper(order, OrderParties(company=context.references.company, vendor=vendor))
            queued.append(
                NewMail(
                    kind=KIND.name,
                    no=order.no,
                    revision=order.revision,
                    recipient=order.sent_to,
                    subject=f"{paper.title}, revision {order.revision}",
                    paper=paper,
                    by=command.context.by,
                )
            )
        return done

    results = decide_each(commands, decide)
    await store_orders(tx, locked)
    await mails.queue(tx, queued)
    return results
