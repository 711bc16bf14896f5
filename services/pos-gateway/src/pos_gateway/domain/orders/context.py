"""What a decision about a new order rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from contracts.pos import NewCustomer, TransactionIdentity
from contracts.refusals import forbidden
from contracts.values import Model
from domainkit.decisions import DecisionContext
from domainkit.money import Currency, currency
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.approvals.using import GivenApprovals
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.domain.setup.configuration import Configuration, Mode
from pos_gateway.domain.setup.records import (
    CommerceParameters,
    FunctionalityProfile,
    Store,
    Worker,
)
from pos_gateway.domain.terminals.sessions import TillSession


class TillCustomer(Model, frozen=True, kw_only=True):
    """A customer made at a till; `customer_no` is empty until sales has given a number (POS-99)."""

    customer: NewCustomer
    customer_no: str = ""


class TillSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that hold for one till. `stores`: all of the company's, by number."""

    store: Store
    stores: Mapping[str, Store]
    profile: FunctionalityProfile
    parameters: CommerceParameters
    worker: Worker
    version: int
    """Of the configuration."""
    mode: Mode
    """How the order reaches sales: settled when the request came in, it decides how the till is answered."""


class OrderContext(DecisionContext, frozen=True, kw_only=True):
    """Besides reference data: the till's settings, customers made at tills, and what is made outside the decision."""

    settings: TillSettings
    till_customers: Mapping[UUID, TillCustomer]
    issued_no: str
    """The confirmation number of an order without a receipt number."""
    new_pickup_code: Callable[[], str]
    quote_no: str = ""
    """Of the quote that the order is made of."""
    approvals: Mapping[UUID, Approval] = {}
    """The open ones among those that the till names."""
    dry_run: bool = False
    """No money is asked for."""
    rehearsed: bool = False
    """Nothing is kept: what a manager must approve is named, not refused."""

    @property
    def currency(self) -> Currency:
        """The currency in which the store sells."""
        return currency(self.settings.store.currency_code)

    def approvals_of(self, new: NewOrder) -> GivenApprovals:
        """What a manager has approved of the order that is made now."""
        return GivenApprovals(
            open=self.approvals,
            ids=new.approval_ids,
            by=self.by,
            transaction=new.transaction,
            confirmation_no=self.quote_no,
            rehearsed=self.rehearsed,
        )

    @property
    def received_at(self) -> datetime:
        """When the gateway received the order."""
        return self.references.now


def settings_for(
    said: TransactionIdentity, session: TillSession, configuration: Configuration, mode: Mode
) -> TillSettings:
    """The settings for this till; refused if it speaks for another one, or its worker does not work there."""
    is_its_own = (said.store_no, said.terminal_no) == (session.store_no, session.terminal_no)
    if not is_its_own or configuration.terminals.get(session.terminal_no) != session.store_no:
        detail = f"this token is of terminal {session.terminal_no} of store {session.store_no}"
        raise forbidden("terminal-mismatch", detail, pointer="/transaction")
    worker = configuration.workers.get(session.worker_id)
    if worker is None or not worker.works_at(session.store_no):
        raise forbidden("worker-not-of-store", f"{session.worker_id} does not work here")
    return _settings(session.store_no, worker, configuration, mode)


def offline_settings(
    said: TransactionIdentity, session: TillSession, configuration: Configuration
) -> TillSettings:
    """Those for what a till took while it was offline; refused only for a terminal of another store.

    Such orders are always pulled.
    """
    if configuration.terminals.get(said.terminal_no) != session.store_no or said.store_no != session.store_no:
        detail = f"terminal {said.terminal_no} is not of store {session.store_no}"
        raise forbidden("terminal-mismatch", detail, pointer="/transaction")
    worker = configuration.worker_of(session.worker_id)
    return _settings(session.store_no, worker, configuration, "asynchronous")


def _settings(store_no: str, worker: Worker, configuration: Configuration, mode: Mode) -> TillSettings:
    store = configuration.stores[store_no]
    return TillSettings(
        store=store,
        stores=configuration.stores,
        profile=configuration.profile_of(store),
        parameters=configuration.parameters,
        worker=worker,
        version=configuration.version,
        mode=mode,
    )
