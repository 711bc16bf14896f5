"""Looks up what decisions of a till need: the configuration that holds and reference data."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from contracts.planning.masters import Item
from contracts.sales.masters import PurchasingCode
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.store import creation
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit import references as reference_store


class LookedUp(msgspec.Struct, frozen=True):
    """What holds for a batch of decisions, and numbers for what they make."""

    configuration: Configuration
    numbers: list[int]
    references: ReferenceData


async def look_up(
    tx: Transaction,
    configurations: Configurations,
    query_by: Callable[[Configuration], ReferenceQuery],
    count: int,
) -> LookedUp:
    """Look everything up in one round trip, by the configuration seen last; again if it has changed since.

    `count`: of confirmation numbers. Which records are needed depends on the configuration, whose revision comes with
    the same statement. It rarely changes, so the guess saves a round trip of almost every order.
    """
    guess = configurations.last
    query = query_by(guess)
    begun = await creation.begin(tx, query, count)
    configuration = await configurations.as_of(tx, begun.holds)
    references = begun.references
    # The purchasing codes of the items are known only now. Most items have none, or one that a line names.
    codes = {item.purchasing_code for item in references.all_of(Item).values() if item.purchasing_code}
    if configuration is not guess or codes - references.all_of(PurchasingCode).keys():
        query = query_by(configuration)
        query.need(PurchasingCode, *codes)
        references = await reference_store.load(tx, query, KINDS_OF_GATEWAY, tx.now)
    return LookedUp(configuration, begun.numbers, references)
