"""Uses approvals in the decision of an act.

An act takes `approval_ids`. Its use case locks the open ones (`store/approvals.py::lock`), the decision checks and
uses them here, and the use case spends those that were used in the same transaction (`store/approvals.py::spend`):

    approvals = GivenApprovals(open=…, ids=act.approval_ids, by=worker, transaction=act.transaction,
                               confirmation_no=order.confirmation_no)
    approvals.check(found)
    override = Override(operation=REFUND_SHIPPING, requested_by=worker.id, amount=amount, at=now)
    if not worker.may(REFUND_SHIPPING):
        override = approvals.require(found, override, amount, "/shipping_refund", ceiling=ceiling)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.pos import TransactionIdentity
from contracts.refusals import Violations
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.orders.order_money import Override

_REQUIRED = "manager-approval-required"


class GivenApprovals(msgspec.Struct, frozen=True, kw_only=True):
    """The approvals that an act names. `open`: those that exist, are not spent and have not expired."""

    open: Mapping[UUID, Approval] = {}
    ids: tuple[UUID, ...] = ()
    by: str
    """The worker who asks for the act."""
    transaction: TransactionIdentity
    confirmation_no: str = ""
    """Of the order that the act changes; empty for one that it makes."""
    rehearsed: bool = False
    """Nothing is kept: an approval that is missing is named in the answer, so that a till shows the amounts first."""

    def check(self, found: Violations) -> None:
        """Refuse ids that are not open, or not for this worker and order (B22): a till must not guess ids."""
        for i, id_ in enumerate(self.ids):
            if not self._is_ours(id_):
                detail = "no approval with this id is open for this worker and order"
                found.forbidden(_REQUIRED, detail, f"/approval_ids/{i}")

    def require(
        self, found: Violations, override: Override, amount: Decimal, pointer: str, **members: Any
    ) -> Override:
        """The override with the manager who approved it for this amount.

        Without an approval `manager-approval-required` with `members`; a rehearsal says that it needs one.
        """
        operation = override.operation
        if (approval := self.find(operation, amount)) is not None:
            return approved(override, approval)
        if self.rehearsed:
            return replace(override, approval_required=True)
        detail = f"a manager must approve {operation}"
        found.forbidden(_REQUIRED, detail, pointer, operation=operation, **members)
        return override

    def find(self, operation: str, amount: Decimal | None = None) -> Approval | None:
        """The approval of this operation and amount, if one was given."""
        for id_ in self.ids:
            if self._is_ours(id_) and self.open[id_].covers(operation, amount):
                return self.open[id_]
        return None

    def _is_ours(self, id_: UUID) -> bool:
        approval = self.open.get(id_)
        if approval is None or approval.requested_by != self.by:
            return False
        if approval.transaction is not None:
            return approval.transaction == self.transaction
        return bool(self.confirmation_no) and approval.confirmation_no == self.confirmation_no


def approved(override: Override, approval: Approval) -> Override:
    """The record of a departure from the rules, with the manager who approved it (POS-120)."""
    return replace(
        override, approved_by=approval.approved_by, approval_id=approval.id, reason=approval.reason
    )


def used_by(overrides: Iterable[Override]) -> list[UUID]:
    """The approvals that these overrides rest on: they are to be spent."""
    return [each.approval_id for each in overrides if each.approval_id is not None]
