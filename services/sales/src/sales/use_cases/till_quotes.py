"""Quotes of tills that became orders at the till: sales closes them with the order (POS-57).

The order can be made before its quote has arrived. Each claims the quote's number; the quote that comes second is void.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.channel import ChannelOrder
from eventkit.context import Context
from eventkit.transaction import Transaction
from sales.domain.channel.transactions import UNMADE_STATUSES, MadeOrder, TillTransaction, voided
from sales.domain.orders.order import OPEN
from sales.domain.quotes.quote import Quote, converted
from sales.store import channel_acts, till_quote_claims
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


async def lock_converted(tx: Transaction, payloads: Collection[ChannelOrder]) -> ConvertedQuotes:
    """Lock the quotes that these orders name, and claim those that have not arrived; without any it costs nothing."""
    named = {payload.quote_no: payload.transaction_id for payload in payloads if payload.quote_no}
    if not named:
        return ConvertedQuotes({})
    # Quotes before their transactions, as acts on quotes lock them: they would wait for each other otherwise.
    seen = await channel_acts.read_confirmed(tx, named)
    nos = {each.sales_quote_no for each in seen} - {""}
    documents = await QUOTES.lock_numbers(tx, nos)
    transactions = await channel_acts.lock_confirmed(tx, named)
    missing = {no: id_ for no, id_ in named.items() if no not in transactions}
    claimed = await till_quote_claims.claim(tx, missing)
    # What is claimed already was made while the claim waited.
    transactions |= await channel_acts.lock_confirmed(tx, missing.keys() - claimed)
    made_since = {each.transaction.sales_quote_no for each in transactions.values()} - {"", *nos}
    if made_since:
        documents = await QUOTES.lock_numbers(tx, nos | made_since)
    return ConvertedQuotes(transactions, documents)


async def void_overtaken(tx: Transaction, quotes: Sequence[KeptTransaction]) -> set[UUID]:
    """Claim quotes that are about to be made; those whose order exists already are void, and their ids are answered."""
    ids = {each.transaction.confirmation_no: each.transaction.transaction_id for each in quotes}
    claimed = await till_quote_claims.claim(tx, ids)
    void = [
        _void(tx, each.transaction, each.context)
        for each in quotes
        if each.transaction.confirmation_no not in claimed
    ]
    await channel_acts.store_details(tx, void)
    return {each.transaction_id for each in void}


def _void(tx: Transaction, transaction: TillTransaction, context: Context) -> TillTransaction:
    after = replace(voided(transaction), version=transaction.version + 1)
    publish_transaction(tx, after, context, after.status)
    return after


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
            void.append(_void(tx, transaction, contexts[id_]))
    await quotes.documents.store(tx)
    await channel_acts.store_details(tx, void)
