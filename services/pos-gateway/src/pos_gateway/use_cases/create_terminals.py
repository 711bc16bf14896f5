"""Terminals and their secrets."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from contracts.audit import HIDDEN, FieldChange
from contracts.refusals import Refusal, conflict, not_found, stale
from eventkit.transaction import Transaction
from pos_gateway.domain.terminals.commands import ChangeTerminal, CreatedTerminal, CreateTerminal
from pos_gateway.store import configuration as configuration_store
from pos_gateway.store import credentials
from pos_gateway.store.configuration import Configurations
from recordkit.commands import Command, Done

KIND: Final = "terminal"
SECRET_BYTES: Final = 32


class TerminalSetup:
    """The use cases that make and block terminals: they are part of the configuration."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def create_terminals(
        self, tx: Transaction, commands: Sequence[Command[CreateTerminal]]
    ) -> list[Done | Refusal]:
        """Make terminals, or give them new secrets."""
        configuration = await configuration_store.lock(tx)
        results: list[Done | Refusal] = [
            await _create(tx, command)
            if command.data.store_no in configuration.stores
            else not_found("store", command.data.store_no)
            for command in commands
        ]
        await configuration_store.raise_revision(tx, changes=len(commands))
        tx.after_commit(self._configurations.forget)
        return results

    async def change_terminals(
        self, tx: Transaction, commands: Sequence[Command[ChangeTerminal]]
    ) -> list[Done | Refusal]:
        """Block terminals, or take the block back."""
        await configuration_store.lock(tx)
        results = [await _change(tx, command) for command in commands]
        await configuration_store.raise_revision(tx, changes=len(commands))
        tx.after_commit(self._configurations.forget)
        return results


async def _change(tx: Transaction, command: Command[ChangeTerminal]) -> Done | Refusal:
    change = command.data
    stored = await credentials.terminal(tx, change.no)
    if stored is None:
        return not_found(KIND, change.no)
    if not command.allows(stored.version):
        return stale(change.no, stored.version)
    if change.blocked in (UNSET, stored.blocked):
        return Done(KIND, change.no, stored.version)
    await credentials.change_terminal(tx, change.no, blocked=change.blocked is True)
    before, after = ("true", "false") if stored.blocked else ("false", "true")
    _audit(tx, command, stored.version + 1, "changed", FieldChange(field="blocked", old=before, new=after))
    return Done(KIND, change.no, stored.version + 1)


async def _create(tx: Transaction, command: Command[CreateTerminal]) -> Done | Refusal:
    new = command.data
    secret = secrets.token_urlsafe(SECRET_BYTES)
    version = await credentials.save_terminal(tx, new.no, new.store_no, digest_of(secret))
    if version is None:
        detail = f"terminal {new.no} belongs to another store"
        return conflict("terminal-of-other-store", detail, pointer="/no")
    if version == 1:
        made = FieldChange(field="store_no", new=new.store_no), FieldChange(field="secret", new=HIDDEN)
        _audit(tx, command, version, "created", *made)
    else:
        _audit(tx, command, version, "changed", FieldChange(field="secret", old=HIDDEN, new=HIDDEN))
    return Done(KIND, new.no, version, answer=CreatedTerminal(new.no, new.store_no, secret))


def _audit(
    tx: Transaction,
    command: Command[CreateTerminal] | Command[ChangeTerminal],
    version: int,
    happened: str,
    *changes: FieldChange,
) -> None:
    by = command.context.by
    tx.audit.add(KIND, command.data.no, version, happened=(happened,), by=by, changes=changes)


def digest_of(secret: str) -> bytes:
    """What is kept of a terminal's secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
