"""Set up stores, profiles, parameters and workers; what is set is checked first and holds at once (POS-19)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.audit import HIDDEN, FieldChange
from contracts.planning.masters import Location
from contracts.refusals import Refusal, not_found
from contracts.sales.masters import ChargeCode
from domainkit.references import ReferenceQuery
from eventkit.transaction import Transaction
from pos_gateway.domain.setup.checks import (
    charge_codes_of,
    check_parameters,
    check_profile,
    check_store,
    check_worker,
    locations_of,
)
from pos_gateway.domain.setup.commands import PutWorker
from pos_gateway.domain.setup.records import (
    CommerceParameters,
    FunctionalityProfile,
    Store,
    Worker,
    published_store,
)
from pos_gateway.store import configuration as configuration_store
from pos_gateway.store import credentials, past_settings, sign_on_tries, stages
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit import references as reference_store
from recordkit.commands import Command, Done
from recordkit.records import SETUP_NO, put_records

DISTRIBUTION: Final = "distribution-schedule"
DISTRIBUTION_NO: Final = "1070"


class Setup:
    """The use cases that change the configuration, one transaction at a time.

    Every PUT of a store, a profile or parameters raises `config_version`, also one that changes nothing: tills see
    that it was done. Tills keep no copy of workers; changed permissions take effect at once.
    """

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def put_stores(self, tx: Transaction, commands: Sequence[Command[Store]]) -> list[Done | Refusal]:
        """Set stores up, and publish them."""
        configuration = await configuration_store.lock(tx)
        query = ReferenceQuery(company=False)
        for command in commands:
            query.need(Location, *locations_of(command.data).values())
        references = await reference_store.load(tx, query, KINDS_OF_GATEWAY, tx.now)
        results = await put_records(
            tx,
            commands,
            KINDS_OF_GATEWAY,
            no_of=lambda store: store.no,
            check=lambda store, _: check_store(store, configuration.profiles, references),
            published=published_store,
        )
        return await self._raised(tx, results)

    async def put_profiles(
        self, tx: Transaction, commands: Sequence[Command[FunctionalityProfile]]
    ) -> list[Done | Refusal]:
        """Set functionality profiles up."""
        await configuration_store.lock(tx)
        results = await put_records(
            tx,
            commands,
            KINDS_OF_GATEWAY,
            no_of=lambda profile: profile.id,
            check=lambda profile, _: check_profile(profile),
        )
        return await self._raised(tx, results)

    async def put_parameters(
        self, tx: Transaction, commands: Sequence[Command[CommerceParameters]]
    ) -> list[Done | Refusal]:
        """Set the company's parameters."""
        configuration = await configuration_store.lock(tx)
        query = ReferenceQuery(company=False)
        for command in commands:
            query.need(ChargeCode, *charge_codes_of(command.data).values())
        references = await reference_store.load(tx, query, KINDS_OF_GATEWAY, tx.now)
        # Only modes that become pick-up modes are looked for: what is one already was checked then.
        wanted = {mode for command in commands for mode in command.data.pickup_delivery_modes}
        new = wanted - set(configuration.parameters.pickup_delivery_modes)
        shipped_by = await stages.shipped_by(tx, new)
        results = await put_records(
            tx,
            commands,
            KINDS_OF_GATEWAY,
            no_of=lambda _: SETUP_NO,
            check=lambda parameters, _: check_parameters(parameters, references, shipped_by),
        )
        return await self._raised(tx, results)

    async def put_workers(
        self, tx: Transaction, commands: Sequence[Command[PutWorker]]
    ) -> list[Done | Refusal]:
        """Set workers up. A new PIN is no part of the record: it changes no version.

        A new PIN and a block end the sessions that were opened before.
        """
        configuration = await configuration_store.lock(tx)
        before = configuration.workers
        workers: list[Command[Worker]] = [Command(c.data.worker, c.context, c.if_match) for c in commands]
        results = await put_records(
            tx,
            workers,
            KINDS_OF_GATEWAY,
            no_of=lambda worker: worker.id,
            check=lambda worker, _: check_worker(worker, configuration.stores),
        )
        for command, result in zip(commands, results, strict=True):
            if isinstance(result, Done):
                await _end_what_was_opened(tx, command.data, before.get(result.no))
                _audit_pin(tx, command, result)
        return await self._raised(tx, results, tills_see_it=False)

    async def distribute(self, tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
        """Schedule 1070: configuration holds at once, so the answer is the version that tills have."""
        configuration = await self._configurations.current(tx)
        return [
            Done(DISTRIBUTION, c.data, answer=configuration.version)
            if c.data == DISTRIBUTION_NO
            else not_found(DISTRIBUTION, c.data)
            for c in commands
        ]

    async def _raised(
        self, tx: Transaction, results: list[Done | Refusal], *, tills_see_it: bool = True
    ) -> list[Done | Refusal]:
        done = [(result.kind, result.no) for result in results if isinstance(result, Done)]
        changes = len(done)
        await configuration_store.raise_revision(tx, changes=changes, versions=changes if tills_see_it else 0)
        if tills_see_it:
            await past_settings.record(tx, done)
        tx.after_commit(self._configurations.forget)
        return results


def _audit_pin(tx: Transaction, command: Command[PutWorker], done: Done) -> None:
    if command.data.pin_hash is not None:
        pin = FieldChange(field="pin", new=HIDDEN)
        by = command.context.by
        tx.audit.add(done.kind, done.no, done.version, happened=("pin_set",), by=by, changes=(pin,))


async def _end_what_was_opened(tx: Transaction, put: PutWorker, before: Worker | None) -> None:
    worker_id = put.worker.id
    if put.pin_hash is not None:
        await credentials.save_pin(tx, worker_id, put.pin_hash)
        await sign_on_tries.forget_worker(tx, worker_id)
    elif put.worker.blocked and before is not None and not before.blocked:
        # Taking the block back later does not bring the sessions back.
        await credentials.end_sessions_of(tx, worker_id)
