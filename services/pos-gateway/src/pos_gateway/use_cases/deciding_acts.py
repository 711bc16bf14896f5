"""What the decision about an act is given, whichever till asks for it and whenever."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from domainkit.references import ReferenceData
from eventkit.ids import new_id
from pos_gateway.domain.acts.commands import NewAct
from pos_gateway.domain.acts.context import ActContext
from pos_gateway.domain.approvals.approval import Approval
from pos_gateway.domain.approvals.using import GivenApprovals
from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.use_cases.deciding_orders import new_pickup_code


class ActPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Which act it is: its id, and its place among those of its order; 0 and no number without an order."""

    act_id: UUID
    number: int = 0
    confirmation_no: str = ""


def act_context(  # noqa: PLR0913 - the parts of a context
    new: NewAct,
    place: ActPlace,
    *,
    by: str,
    settings: TillSettings,
    references: ReferenceData,
    approvals: Mapping[UUID, Approval],
    dry_run: bool = False,
) -> ActContext:
    """The context of one act. `approvals`: the open ones that were named in the batch."""
    return ActContext(
        references=references,
        new_id=new_id,
        by=by,
        settings=settings,
        act_id=place.act_id,
        number=place.number,
        new_pickup_code=new_pickup_code,
        approvals=GivenApprovals(
            open=approvals,
            ids=new.approval_ids,
            by=by,
            transaction=new.transaction,
            confirmation_no=place.confirmation_no,
            rehearsed=dry_run,
        ),
        dry_run=dry_run,
    )
