"""Decides the orders of a batch on what was looked up for them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from contracts.refusals import Refusal
from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.ids import new_id
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.approvals.using import used_by
from pos_gateway.domain.orders.commands import CreateOrder
from pos_gateway.domain.orders.context import OrderContext, TillCustomer, offline_settings, settings_for
from pos_gateway.domain.orders.create_order import decide_order, issued_no
from pos_gateway.domain.orders.needed_references import need_for_order
from pos_gateway.domain.orders.offline import decide_offline
from pos_gateway.domain.orders.order import CustomerOrder
from pos_gateway.domain.setup.configuration import Configuration, PastSettings
from recordkit.commands import Command

_PICKUP_CODE_DIGITS: Final = 6


class Given(msgspec.Struct, frozen=True):
    """What was looked up for a batch of decisions."""

    configuration: Configuration
    past: Mapping[int, PastSettings]
    """Settings by the versions that offline tills name."""
    numbers: list[int]
    references: ReferenceData
    till_customers: Mapping[UUID, TillCustomer]
    approvals: dict[UUID, Approval]
    """The open ones that were named; an order that uses one takes it away from the orders after it."""


def query_for(
    commands: Sequence[Command[CreateOrder]],
    configuration: Configuration,
    past: Mapping[int, PastSettings],
    made_before: Mapping[UUID, TillCustomer],
) -> ReferenceQuery:
    """What the decisions look up, each by the configuration that it is judged by."""
    query = ReferenceQuery()
    for command in commands:
        new = command.data.new
        holds = _known(command.data, configuration, past)
        made = made_before.get(new.customer_id) if new.customer_id else None
        need_for_order(query, new, holds, made.customer_no if made else new.customer_no or "")
    return query


def decided(create: CreateOrder, number: int, given: Given) -> CustomerOrder | Refusal:
    """The order, or why it is refused. An approval that it uses is not open for the orders after it."""
    try:
        if create.offline:
            return decided_offline(create, number, given)
        context = OrderContext(
            references=given.references,
            new_id=new_id,
            by=create.session.worker_id,
            settings=settings_for(create.new.transaction, create.session, given.configuration, create.mode),
            till_customers=given.till_customers,
            approvals=given.approvals,
            issued_no="" if create.dry_run else issued_no(number),
            new_pickup_code=new_pickup_code,
            quote_no=create.quote_no,
            dry_run=create.dry_run,
            rehearsed=create.dry_run,
        )
        order = decide_order(create.new, context)
    except Refusal as refusal:
        return refusal
    for id_ in used_by(order.overrides):
        del given.approvals[id_]
    return order


def versions_named(commands: Sequence[Command[CreateOrder]]) -> set[int]:
    """The versions of the configuration that orders taken offline name."""
    return {
        version
        for command in commands
        if command.data.offline and (version := command.data.new.config_version) is not None
    }


def _known(
    create: CreateOrder, configuration: Configuration, past: Mapping[int, PastSettings]
) -> Configuration:
    """The configuration by which an order is judged: an offline one by that of its till."""
    if not create.offline:
        return configuration
    return configuration.as_known(create.new.config_version, create.new.transaction.store_no, past)


def decided_offline(create: CreateOrder, number: int, given: Given) -> CustomerOrder:
    """The order that a till took while it was offline. Nothing but another store's terminal refuses it.

    It is judged by the configuration that its till knew. If that is not kept, what was due is not known: then its money
    is not judged (P14).
    """
    new, configuration = create.new, _known(create, given.configuration, given.past)
    context = OrderContext(
        references=given.references,
        new_id=new_id,
        by=create.session.worker_id,
        settings=offline_settings(new.transaction, create.session, configuration),
        till_customers=given.till_customers,
        issued_no=issued_no(number),
        new_pickup_code=new_pickup_code,
        dry_run=new.config_version not in (None, configuration.version),
    )
    return decide_offline(new, context)


def new_pickup_code() -> str:
    """A code that only the collector is given."""
    return str(secrets.randbelow(10**_PICKUP_CODE_DIGITS)).zfill(_PICKUP_CODE_DIGITS)
