"""Decide and keep what managers approve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from contracts.refusals import Refusal
from domainkit.auditing import differences
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from pos_gateway.domain.approvals.approval import Approval, ApproveAct
from pos_gateway.domain.approvals.granting import decide_approval
from pos_gateway.domain.setup.configuration import Configuration
from pos_gateway.store import approvals, orders
from pos_gateway.store.configuration import Configurations
from pos_gateway.store.orders import Stored
from recordkit.commands import Command, Done, decide_each

KIND: Final = "approval"


class Approving:
    """The use case that gives approvals. `holds_for`: how long one can be used."""

    def __init__(self, configurations: Configurations, holds_for: timedelta) -> None:
        self._configurations = configurations
        self._holds_for = holds_for

    async def approve_acts(
        self, tx: Transaction, commands: Sequence[Command[ApproveAct]]
    ) -> list[Done | Refusal]:
        """Give approvals; each is in the audit trail with its worker, manager, order, amount and reason (POS-120)."""
        configuration = await self._configurations.current(tx)
        nos = {c.data.terms.confirmation_no for c in commands} - {None}
        named = await orders.by_number(tx, [no for no in nos if no])

        def decide(command: Command[ApproveAct]) -> Done:
            approval = self._decided(tx, command.data, configuration, named)
            by, changes = command.context.by, differences(None, approval)
            tx.audit.add(KIND, str(approval.id), 1, happened=("approved",), by=by, changes=changes)
            return Done(KIND, str(approval.id), created=True, answer=approval)

        results = decide_each(commands, decide)
        await approvals.add(tx, [r.answer for r in results if isinstance(r, Done)])
        return results

    def _decided(
        self, tx: Transaction, asked: ApproveAct, configuration: Configuration, named: Mapping[str, Stored]
    ) -> Approval:
        stored = named.get(asked.terms.confirmation_no or "")
        order = stored.order if stored else None
        return decide_approval(
            asked, configuration, order, new_id=new_id(), now=tx.now, holds_for=self._holds_for
        )
