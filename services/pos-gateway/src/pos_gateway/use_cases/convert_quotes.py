"""Make orders of quotes: each quote becomes one, in the transaction that closes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from contracts.planning.masters import Item
from contracts.refusals import Refusal, not_found
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction
from pos_gateway.domain.acts.commands import ConvertQuote
from pos_gateway.domain.acts.converting import (
    CLOSED,
    QuoteToConvert,
    check_convertible,
    converted,
    order_of_quote,
)
from pos_gateway.domain.orders.commands import CreateOrder
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.orders.sameness import content_of
from pos_gateway.domain.orders.stages import ENDED_AT_TILL
from pos_gateway.domain.setup.records import Worker
from pos_gateway.store import changing
from pos_gateway.store.changing import LockedOrder
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.use_cases.create_orders import OrderCreation
from pos_gateway.use_cases.known_identities import known_identities
from recordkit import references as reference_store
from recordkit.commands import Command, Done

_Make = Callable[[Transaction, Sequence[Command[CreateOrder]]], Awaitable[list[Done | Refusal]]]


class QuoteConversion:
    """The use cases that make orders of quotes; the order is made as any other one."""

    def __init__(self, creation: OrderCreation, configurations: Configurations) -> None:
        self._creation = creation
        self._configurations = configurations

    async def convert_quotes(
        self, tx: Transaction, commands: Sequence[Command[ConvertQuote]]
    ) -> list[Done | Refusal]:
        """Make orders that need no answer of sales; see `OrderCreation.create_orders`."""
        return await self._convert(tx, commands, self._creation.create_orders)

    async def begin_conversions(
        self, tx: Transaction, commands: Sequence[Command[ConvertQuote]]
    ) -> list[Done | Refusal]:
        """Store orders before they are submitted to sales; see `OrderCreation.begin_orders`.

        The quote is closed from now on. It is as it was if the order is withdrawn (`store/stages.py::withdraw`).
        """
        return await self._convert(tx, commands, self._creation.begin_orders)

    async def _convert(
        self, tx: Transaction, commands: Sequence[Command[ConvertQuote]], make: _Make
    ) -> list[Done | Refusal]:
        """One after the other: a quote that the one before has converted is closed for the next. They are rare."""
        locked = await changing.lock(tx, [c.data.confirmation_no for c in commands])
        configuration = await self._configurations.current(tx)
        results: list[Done | Refusal] = []
        for command in commands:
            quote = locked.get(command.data.confirmation_no)
            worker = configuration.worker_of(command.data.session.worker_id)
            results.append(await _convert_one(tx, command, quote, worker, make))
        return results


async def _convert_one(
    tx: Transaction,
    command: Command[ConvertQuote],
    locked: LockedOrder | None,
    worker: Worker,
    make: _Make,
) -> Done | Refusal:
    asked, content = command.data, content_of(command.data.new)
    if locked is None or not locked.order.is_seen_by(asked.session.store_no):
        return not_found("customer-order", asked.confirmation_no)
    try:
        known = await known_identities(tx, [asked.new.transaction])
        earlier = known.same_order(asked.new.transaction, content, asked.confirmation_no)
        if earlier is None:
            quote = QuoteToConvert(locked.order, locked.stage, locked.in_progress)
            # Of a quote that has ended the till learns that, not that it changed.
            if locked.stage.status not in ENDED_AT_TILL:
                command.check_version(asked.confirmation_no, locked.order.version)
            check_convertible(quote, asked, worker)
    except Refusal as refusal:
        return refusal
    new = order_of_quote(locked.order, locked.stage, asked, await _prices(tx, locked.order, asked))
    create = CreateOrder(
        new=new,
        session=asked.session,
        mode=asked.mode,
        dry_run=asked.dry_run,
        quote_no=asked.confirmation_no,
        content=content,
    )
    (done,) = await make(tx, [Command(create, command.context)])
    if isinstance(done, Done) and earlier is None:
        locked.order = converted(locked.order, done.no)
        locked.stage = replace(locked.stage, status=CLOSED)
        await changing.save_orders(tx, [locked])
    return done


async def _prices(tx: Transaction, quote: CustomerOrder, asked: ConvertQuote) -> ReferenceData:
    query = ReferenceQuery()
    if asked.new.reprice:
        query.need(Item, *(line.item_no for line in quote.lines))
        query.need_rates(quote.currency_code, asked.new.transaction.business_date)
    return await reference_store.load(tx, query, KINDS_OF_GATEWAY, tx.now)
