"""Set up stores, profiles, parameters and workers; what is set is checked first and holds at once (POS-19)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from contracts.refusals import Refusal, stale
from contracts.topics import KINDS
from contracts.values import Model
from eventkit import copies
from eventkit.transaction import Transaction
from pos_gateway.domain.configuration import (
    CommerceParameters,
    FunctionalityProfile,
    Store,
    Worker,
    check_parameters,
    check_profile,
    check_store,
    store_snapshot,
)
from pos_gateway.store import configuration, signing_on
from pos_gateway.store.configuration import PARAMETERS, PARAMETERS_NO, PROFILE, STORE, WORKER, Configurations
from recordkit.commands import Command, Done

T = TypeVar("T", bound=Model)
DISTRIBUTION = "distribution-schedule"


class PutWorker(msgspec.Struct, frozen=True):
    """A worker, and the hash of a new PIN if one is set."""

    worker: Worker
    pin_hash: str | None = None


class Distributed(msgspec.Struct, frozen=True):
    """The version of the configuration that tills get now."""

    config_version: int


class Setup:
    """The use cases that change the configuration, one change at a time."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def put_stores(self, tx: Transaction, commands: Sequence[Command[Store]]) -> list[Done | Refusal]:
        """Set up stores, and tell the others of them."""
        return [await self._put_store(tx, c) for c in commands]

    async def _put_store(self, tx: Transaction, command: Command[Store]) -> Done | Refusal:
        store = command.data
        known = await configuration.lock(tx)
        try:
            check_store(store, known)
            done = await self._save(tx, STORE, store.no, command)
        except Refusal as refusal:
            return refusal
        tx.publish(KINDS["store"], store.no, store_snapshot(store, done.version), command.context)
        return done

    async def put_profiles(
        self, tx: Transaction, commands: Sequence[Command[FunctionalityProfile]]
    ) -> list[Done | Refusal]:
        """Set up functionality profiles."""
        return [await self._put_profile(tx, c) for c in commands]

    async def _put_profile(self, tx: Transaction, command: Command[FunctionalityProfile]) -> Done | Refusal:
        await configuration.lock(tx)
        try:
            check_profile(command.data)
            return await self._save(tx, PROFILE, command.data.id, command)
        except Refusal as refusal:
            return refusal

    async def put_parameters(
        self, tx: Transaction, commands: Sequence[Command[CommerceParameters]]
    ) -> list[Done | Refusal]:
        """Set the company's parameters."""
        return [await self._put_parameters(tx, c) for c in commands]

    async def _put_parameters(self, tx: Transaction, command: Command[CommerceParameters]) -> Done | Refusal:
        wanted = {command.data.cancellation_charge_code, command.data.shipping_charge_code} - {""}
        await configuration.lock(tx)
        codes = await copies.load(tx, KINDS["charge-code"], wanted)
        try:
            check_parameters(command.data, frozenset(no for no, code in codes.items() if not code.deleted))
            return await self._save(tx, PARAMETERS, PARAMETERS_NO, command)
        except Refusal as refusal:
            return refusal

    async def put_workers(
        self, tx: Transaction, commands: Sequence[Command[PutWorker]]
    ) -> list[Done | Refusal]:
        """Set up workers; tills are not told, but permissions hold at once."""
        return [await self._put_worker(tx, c) for c in commands]

    async def _put_worker(self, tx: Transaction, command: Command[PutWorker]) -> Done | Refusal:
        put = command.data
        await configuration.lock(tx)
        try:
            check = Command(put.worker, command.context, command.expected_version)
            done = await self._save(tx, WORKER, put.worker.id, check, touched=put.pin_hash is not None)
        except Refusal as refusal:
            return refusal
        if put.pin_hash is not None:
            await signing_on.save_pin(tx, put.worker.id, put.pin_hash)
        return done

    async def distribute(self, tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
        """Schedule 1070: configuration holds at once, so all there is to do is to say which one tills have."""
        known = await self._configurations.current(tx)
        return [Done(DISTRIBUTION, c.data, answer=Distributed(known.version)) for c in commands]

    async def _save(
        self, tx: Transaction, kind: str, no: str, command: Command[T], *, touched: bool = False
    ) -> Done:
        """Store what differs; every PUT that tills are told of raises `config_version`, also one without a change."""
        before = await configuration.load(tx, kind, no)
        version = before.version if before else 0
        if command.expected_version not in {None, version}:
            raise stale(no, version)
        if before is None or before.value != command.data or touched:
            version = await configuration.save(tx, kind, no, command.data)
        await configuration.raise_revision(tx, told=kind != WORKER)
        tx.after_commit(self._configurations.forget)
        return Done(kind, no, version, created=before is None)
