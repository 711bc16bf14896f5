"""A requisition line: a proposed purchase and its status, before and after purchasing's decision."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Self
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import (
    EXAMPLE_ID,
    Amount,
    CodeOrBlank,
    CustomerNoOrBlank,
    Day,
    Generation,
    LineNo,
    PurchaseOrderNo,
    QuantityOrZero,
    SalesOrderNoOrBlank,
    VendorNoOrBlank,
    Version,
    choice,
)
from contracts.planning.fields import ZERO
from contracts.planning.requests import ProcuredLineTerms
from contracts.purchasing.fields import LineDiscountPct
from contracts.values import Problem, SalesLineRef
from planning.domain.masters.worksheets import WorksheetName

OPEN: Final = "open"
CARRYING_OUT: Final = "carrying_out"
CARRIED_OUT: Final = "carried_out"
SUPERSEDED: Final = "superseded"
CANCELLED: Final = "cancelled"
LIVE: Final = frozenset({OPEN, CARRYING_OUT})

NEW: Final = "new"
CANCEL: Final = "cancel"
RESCHEDULE: Final = "reschedule"
CHANGE_QTY: Final = "change_qty"
RESCHEDULE_AND_CHANGE_QTY: Final = "resched_and_chg_qty"
ASKS_FOR_A_PURCHASE: Final = frozenset({"", NEW})

BELOW_MINIMUM: Final = "below-minimum"
ABOVE_LIMIT: Final = "above-automation-limit"
PLAN_OUTDATED: Final = "plan-outdated"
WARNINGS: Final = frozenset({BELOW_MINIMUM, ABOVE_LIMIT})
"""Codes that stop automation alone: a person may carry the line out all the same."""

ActionMessage = Annotated[
    str,
    choice("", NEW, CHANGE_QTY, RESCHEDULE, RESCHEDULE_AND_CHANGE_QTY, CANCEL),
    Meta(
        description="What planning proposes: `new` (buy), or of a purchase line `reschedule` (it shall come another "
        "day), `change_qty`, `resched_and_chg_qty` (both) or `cancel` (it is not needed any more).",
        examples=[NEW],
    ),
]
Accepted = Annotated[bool, Meta(description="The line is carried out with the worksheet.", examples=[True])]
DueDate = Annotated[Day, Meta(description="When the goods are needed.", examples=["2026-03-20"])]
OrderDate = Annotated[Day, Meta(description="When to order.", examples=["2026-03-12"])]


def action_for(quantity: Decimal, *, is_moved: bool, is_resized: bool) -> str:
    """The message that makes this of a purchase line; "" where the line is that already (BC-PL-11, 12)."""
    if quantity <= 0:
        return CANCEL
    if is_moved and is_resized:
        return RESCHEDULE_AND_CHANGE_QTY
    if is_moved:
        return RESCHEDULE
    return CHANGE_QTY if is_resized else ""


class RequisitionLine(ProcuredLineTerms, frozen=True, kw_only=True, gc=False):
    """A line of a requisition worksheet; quantities in `unit_of_measure_code`, costs in the currency of its order.

    `status` goes open → carrying_out → carried_out; back to open when purchasing refuses; `superseded` when the sales
    line was procured another way; `cancelled` by deletion.
    """

    # No value here refers back to the line: the garbage collector need not visit the thousands of a batch (gc=False).

    id: Annotated[UUID, Meta(description="Id of the line.", examples=[EXAMPLE_ID])]
    version: Version
    worksheet: WorksheetName
    status: Annotated[
        str,
        choice(OPEN, CARRYING_OUT, CARRIED_OUT, SUPERSEDED, CANCELLED),
        Meta(description="Only open lines can be changed.", examples=[OPEN]),
    ]
    action_message: ActionMessage = NEW
    accept_action_message: Accepted = False
    original_quantity: Annotated[
        QuantityOrZero,
        Meta(
            description="Quantity of the sales line, or of the purchase line that a message is about.",
            examples=["2"],
        ),
    ] = ZERO
    vendor_no: Annotated[
        VendorNoOrBlank,
        Meta(description='Who shall supply; "" is decided before carry-out.', examples=["V-100"]),
    ] = ""
    direct_unit_cost: Annotated[
        Amount,
        Meta(
            description="Expected cost per unit in the currency of the purchase order; purchasing decides it.",
            examples=["80"],
        ),
    ] = ZERO
    line_discount_pct: LineDiscountPct = ZERO
    due_date: DueDate
    receipt_date: Annotated[Day, Meta(description="When the goods must arrive.", examples=["2026-03-19"])]
    order_date: OrderDate
    original_due_date: Annotated[
        Day | None,
        Meta(
            description="Due date of the sales line, or of the purchase line that a message is about.",
            examples=["2026-03-20"],
        ),
    ] = None
    sales_order_no: SalesOrderNoOrBlank = ""
    sales_order_line_no: Annotated[
        LineNo | None, Meta(description="The sales line that the line serves.", examples=[10000])
    ] = None
    sales_line_id: Annotated[
        UUID | None, Meta(description="Id of the sales line that the line serves.", examples=[EXAMPLE_ID])
    ] = None
    generation: Generation = 0
    sell_to_customer_no: CustomerNoOrBlank = ""
    ship_to_code: Annotated[
        CodeOrBlank, Meta(description="Ship-to address of a drop shipment.", examples=["HUT"])
    ] = ""
    purchase_order_no: Annotated[
        PurchaseOrderNo | None, Meta(description="What the line became, or what its message is about.")
    ] = None
    purchase_order_line_no: Annotated[
        LineNo | None, Meta(description="Its line there.", examples=[10000])
    ] = None
    purchase_request_id: Annotated[
        UUID | None, Meta(description="The request that purchasing decides.", examples=[EXAMPLE_ID])
    ] = None
    run_id: Annotated[
        UUID | None, Meta(description="The carry-out run, if a person started one.", examples=[EXAMPLE_ID])
    ] = None
    proposal_id: Annotated[
        UUID | None, Meta(description="The purchase proposal that it comes from.", examples=[EXAMPLE_ID])
    ] = None
    plan_id: Annotated[
        UUID | None, Meta(description="The planning run that proposes it.", examples=[EXAMPLE_ID])
    ] = None
    promise_id: Annotated[
        UUID | None, Meta(description="The accepted promise that it makes possible.", examples=[EXAMPLE_ID])
    ] = None
    reserve: Annotated[
        bool, Meta(description="What is bought is reserved for the sales line.", examples=[False])
    ] = False
    planned_for: Annotated[
        SalesLineRef | None,
        Meta(
            description="The sales line for whose demand a planning run buys it; its purchase names it, unbound."
        ),
    ] = None
    explanation: Annotated[
        str,
        Meta(
            description="Why a planning run proposes it: which demand, which supply, which parameter.",
            examples=["sales order S-1001 line 10000 needs 5 on 2026-03-20"],
        ),
    ] = ""
    warning: Annotated[
        str,
        Meta(
            description="Code of what a person should look at before the line is carried out.",
            examples=[BELOW_MINIMUM],
        ),
    ] = ""
    problem: Annotated[
        Problem | None, Meta(description="Why the line was not, or must not be, carried out.")
    ] = None

    @property
    def is_live(self) -> bool:
        """Still to be decided: by a person, or by purchasing."""
        return self.status in LIVE

    @property
    def wants_purchase(self) -> bool:
        """It asks for a new purchase line (rather than for a change of one)."""
        return self.action_message in ASKS_FOR_A_PURCHASE

    @property
    def place(self) -> tuple[str, str]:
        """Item and location, by which a plan balances."""
        return self.item_no, self.location_code

    @property
    def is_bound(self) -> bool:
        """It procures a flagged sales line; a line of another sales line buys into stock for it."""
        return self.special_order or self.drop_shipment

    def sales_ref(self) -> SalesLineRef | None:
        """The sales line that it serves."""
        if self.sales_line_id is None:
            return None
        return SalesLineRef(
            sales_order_no=self.sales_order_no,
            sales_order_line_no=self.sales_order_line_no or 0,
            sales_line_id=self.sales_line_id,
            generation=self.generation,
            customer_no=self.sell_to_customer_no,
        )

    def changed(self, **fields: Any) -> Self:
        """The line with these fields, at its next version."""
        return replace(self, version=self.version + 1, **fields)

    def stopped(self, problem: Problem) -> Self:
        """Open for a person, not accepted, and it says why."""
        warning = problem.code if problem.code in WARNINGS else ""
        return self.changed(
            status=OPEN,
            accept_action_message=False,
            purchase_request_id=None,
            warning=warning,
            problem=None if warning else problem,
        )

    def questioned(self) -> Self:
        """Its supply is not what it was: a person looks at the message before it is carried out."""
        return self.changed(accept_action_message=False, warning=PLAN_OUTDATED)

    def handed_over(self, request_id: UUID, run_id: UUID | None) -> Self:
        """Purchasing decides the line from now on."""
        return self.changed(
            status=CARRYING_OUT,
            accept_action_message=True,
            purchase_request_id=request_id,
            run_id=run_id,
            warning="",
            problem=None,
        )

    def carried_out(self, purchase_order_no: str, purchase_order_line_no: int) -> Self:
        """The line became this purchase line."""
        return self.changed(
            status=CARRIED_OUT,
            purchase_order_no=purchase_order_no,
            purchase_order_line_no=purchase_order_line_no,
            warning="",
            problem=None,
        )

    def superseded(self) -> Self:
        """Its sales line was procured another way."""
        return self.changed(status=SUPERSEDED, accept_action_message=False)

    def cancelled(self, **fields: Any) -> Self:
        """Kept, but not to be bought."""
        return self.changed(status=CANCELLED, accept_action_message=False, **fields)
