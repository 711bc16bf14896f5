"""Action messages as requisition lines, which people look at and carry out."""

from __future__ import annotations

from uuid import UUID

from contracts.values import SalesLineRef
from domainkit.references import ReferenceData
from planning.domain.masters.items import ItemCard
from planning.domain.masters.supply import vendor_of
from planning.domain.plan.commands import PlanRun
from planning.domain.plan.messages import Message
from planning.domain.plan.profiles import Profile
from planning.domain.requisitions.costs import priced
from planning.domain.requisitions.lines import OPEN, RequisitionLine
from planning.domain.requisitions.scheduling import schedule_into_stock


def _planned_for(message: Message) -> SalesLineRef | None:
    """The demand that a new supply of policy `order` is tied to (BC-PL-19)."""
    demand = message.demand
    if demand is None or demand.is_channel or message.supply is not None:
        return None
    return SalesLineRef(
        sales_order_no=demand.document_no,
        sales_order_line_no=demand.line_no,
        sales_line_id=demand.line_id,
        generation=0,
    )


def plan_line(
    message: Message, profile: Profile, run: PlanRun, references: ReferenceData, line_id: UUID
) -> RequisitionLine:
    """The message in the worksheet; accepted unless it has a warning (BC-PL-26). Quantities are in base units."""
    item_no, location_code = profile.item_no, profile.location_code
    item = references.all_of(ItemCard)[item_no]
    vendor_no = vendor_of(references, item_no, location_code)
    schedule = schedule_into_stock(references, message.day, vendor_no, item_no, location_code)
    supply = message.supply
    line = RequisitionLine(
        id=line_id,
        version=1,
        worksheet=run.worksheet,
        status=OPEN,
        plan_id=run.id,
        action_message=message.action,
        accept_action_message=not message.warning,
        item_no=item_no,
        description=item.description,
        quantity=message.quantity,
        original_quantity=supply.quantity if supply is not None else message.quantity * 0,
        original_due_date=supply.day if supply is not None else None,
        purchase_order_no=supply.document_no if supply is not None else None,
        purchase_order_line_no=supply.line_no if supply is not None else None,
        unit_of_measure_code=item.base_unit_of_measure,
        vendor_no=vendor_no,
        due_date=schedule.due_date,
        receipt_date=schedule.receipt_date,
        order_date=schedule.order_date,
        location_code=location_code,
        warning=message.warning,
        planned_for=_planned_for(message),
        explanation=message.reason,
    )
    return priced(references, line) if supply is None and not message.warning else line
