"""Sign workers off: their sessions end before they expire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.refusals import Refusal, not_found
from eventkit.transaction import Transaction
from pos_gateway.domain.terminals.commands import EndSession
from pos_gateway.store import configuration as configuration_store
from pos_gateway.store import sessions
from pos_gateway.store.configuration import Configurations
from recordkit.commands import Command, Done

KIND: Final = "session"


class SigningOff:
    """The use case that ends sessions: every process of the gateway learns it with the configuration."""

    def __init__(self, configurations: Configurations) -> None:
        self._configurations = configurations

    async def end_sessions(
        self, tx: Transaction, commands: Sequence[Command[EndSession]]
    ) -> list[Done | Refusal]:
        """End sessions; one that has ended already is done."""
        # First of all, so that batches wait here for each other and not at the sessions, where they could deadlock.
        await configuration_store.count_sign_offs(tx, len(commands))
        tx.after_commit(self._configurations.forget)
        return [await _end(tx, command.data) for command in commands]


async def _end(tx: Transaction, asked: EndSession) -> Done | Refusal:
    terminal_no = await sessions.terminal_of(tx, asked.id)
    # A session of another terminal does not exist for a till.
    if terminal_no is None or asked.terminal_no not in (None, terminal_no):
        return not_found(KIND, str(asked.id))
    await sessions.end(tx, asked.id)
    return Done(KIND, str(asked.id))
