"""Quotes of tills that became orders at the till: sales closes them with the order (POS-57)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.channel import ChannelOrder
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.domain.channel.transactions import UNMADE_STATUSES, MadeOrder, voided
from sales.domain.orders.order import OPEN
from sales.domain.quotes.quote import Quote, converted
from sales.store import channel_acts
from sales.store.channel_transactions import KeptTransaction
from sales.use_cases.report_progress import publish_transaction
from sales.use_cases.sales_documents import QUOTES, ChangedDocuments


class ConvertedQuotes(msgspec.Struct, frozen=True):
    """The quotes that orders of a batch were made of: transactions by confirmation number, and documents."""

    transactions: Mapping[str, KeptTransaction]
    documents: ChangedDocuments | None = None


def converted_with(ids: Collection[UUID], payloads: Mapping[UUID, ChannelOrder]) -> set[UUID]:
    """The quotes among these transactions that others of them are the orders of: those are made, and end them."""
    named = {payloads[id_].quote_no for id_ in ids}
    return {id_ for id_ in ids if payloads[id_].confirmation_no in named}


async def lock_converted(tx: Transaction, payloads: Iterable[ChannelOrder]) -> ConvertedQuotes:
    """Lock the quotes that these orders name; without any it costs nothing."""
    nos = {payload.quote_no for payload in payloads if payload.quote_no}
    if not nos:
        return ConvertedQuotes({})
    transactions = await channel_acts.lock_confirmed(tx, nos)
    quotes = [each.transaction.sales_quote_no for each in transactions.values()]
    return ConvertedQuotes(transactions, await QUOTES.lock_numbers(tx, [no for no in quotes if no]))


async def close_converted(
    tx: Transaction,
    quotes: ConvertedQuotes,
    made: Mapping[UUID, MadeOrder],
    payloads: Mapping[UUID, ChannelOrder],
    contexts: Mapping[UUID, Context],
) -> None:
    """Close the quotes of orders that were made. One that is not synchronized yet needs no sales quote any more."""
    if quotes.documents is None:
        return
    void = []
    for id_, order in made.items():
        kept = quotes.transactions.get(payloads[id_].quote_no)
        if kept is None:
            continue
        transaction = kept.transaction
        document = quotes.documents.by_no.get(transaction.sales_quote_no)
        if isinstance(document, Quote) and document.status == OPEN:
            quotes.documents.put(converted(document, order.no), contexts[id_], "converted")
        elif not transaction.sales_quote_no and transaction.status in UNMADE_STATUSES:
            after = replace(voided(transaction), version=transaction.version + 1)
            void.append(after)
            publish_transaction(tx, after, contexts[id_], after.status)
    await quotes.documents.store(tx)
    await channel_acts.store_details(tx, void)
