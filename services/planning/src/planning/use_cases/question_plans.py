"""What is bought into stock beside a plan makes the plan's own orders a question, or it is bought twice (BC-PL-10)."""

from __future__ import annotations

from eventkit.transaction import Transaction
from planning.domain.requisitions.lines import RequisitionLine
from planning.store import plan_runs, requisitions
from planning.store.unit_of_work import DemandUnitOfWork


async def question_new_orders(tx: Transaction, work: DemandUnitOfWork) -> None:
    """Proposals of plans to buy what these requisition lines buy from now on are for a person; called last.

    Lines of the same plan know of each other. A plan that ends at the same moment has written its lines, or sees these.
    """
    bought = [after for before, after in work.changed_lines() if _buys_from_now_on(before, after)]
    if not bought:
        return
    await plan_runs.hold(tx)
    places = {line.place for line in bought}
    plans = {line.plan_id for line in bought}
    planned = await requisitions.lock_new_of_plans(tx, (item_no for item_no, _ in places))
    questions = DemandUnitOfWork({}, planned)
    for line in planned.values():
        if line.place in places and line.plan_id not in plans:
            questions.add_line(line.questioned())
    await questions.store(tx)


def _buys_from_now_on(before: RequisitionLine | None, after: RequisitionLine) -> bool:
    """Written by an accepted promise or proposal, or handed over to purchasing; not for a special order."""
    is_new = before is None or before.status != after.status
    return is_new and after.is_live and after.wants_purchase and not after.is_bound
