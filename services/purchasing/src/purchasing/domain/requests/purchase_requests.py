"""Planning's purchase request becomes one purchase order, or is refused with every reason (BC-SO-15..23)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.planning.masters import Item, Location
from contracts.planning.requests import PurchaseRequest, PurchaseRequestLine
from contracts.purchasing.masters import Vendor
from contracts.purchasing.outcomes import RequestOutcome, SkippedLine
from contracts.refusals import Violations
from contracts.sales.masters import Customer
from contracts.values import Problem, SalesLineRef
from domainkit.decisions import DecisionContext
from domainkit.parties import BUYING_FOR, check_customer, check_item, check_vendor
from domainkit.references import ReferenceData, ReferenceQuery
from purchasing.domain.catalogue import need_terms
from purchasing.domain.links import ASSOCIATED, LinkedSalesOrder, LinkState, refused_generation
from purchasing.domain.orders.order import LINE_NO_STEP, Line, Order
from purchasing.domain.requests.requested_orders import binds, header_of, line_of, offer_of, unpriced_lines

CREATED: Final = "created"
SKIPPED: Final = "skipped"
REFUSED: Final = "refused"
SUPERSEDED: Final = "superseded"


class DecidedRequest(msgspec.Struct, kw_only=True):
    """What became of a purchase request. `order` is there if something is bought; its number comes last."""

    request: PurchaseRequest
    order: Order | None = None
    skipped: tuple[SkippedLine, ...] = ()
    errors: tuple[Problem, ...] = ()

    @property
    def outcome(self) -> str:
        """One of `created`, `skipped`, `superseded`, `refused`."""
        if self.errors:
            return REFUSED
        if self.order is not None:
            return CREATED
        return SUPERSEDED if all(s.code == SUPERSEDED for s in self.skipped) else SKIPPED

    @property
    def publishes_outcome(self) -> bool:
        """A plain success is seen from the purchase order; callers that wait for a run need the outcome too."""
        return self.order is None or bool(self.skipped) or self.request.run_id is not None

    def event(self) -> RequestOutcome:
        """The outcome as it is published."""
        refs = [line.sales for line in self.request.lines if line.sales is not None]
        return RequestOutcome(
            version=1,
            happened=(self.outcome,),
            request_id=self.request.id,
            kind="purchase_request",
            outcome=self.outcome,
            purchase_order_no=self.order.no if self.order is not None else "",
            sales_order_no=refs[0].sales_order_no if refs else "",
            skipped=self.skipped,
            errors=self.errors,
        )


def need_for_request(query: ReferenceQuery, request: PurchaseRequest) -> None:
    """Ask for what a request refers to."""
    query.need(Customer, request.sell_to_customer_no)
    query.need(Location, request.location_code)
    query.need_rates(request.currency_code, request.order_date)
    need_terms(query, request.vendor_no, *(line.item_no for line in request.lines))
    query.need(LinkedSalesOrder, *(x.sales.sales_order_no for x in request.lines if x.sales is not None))


def decide_request(
    request: PurchaseRequest, links: Mapping[UUID, LinkState], context: DecisionContext
) -> DecidedRequest:
    """Decide one request. Lines that are procured already are skipped; any other violation refuses the whole request.

    CopyMissing if a cost depends on an item whose copy has not arrived yet.
    """
    wanted, skipped = _sort_out(request, links)
    if not wanted:
        none = Problem(code="nothing-to-create", detail="the request has no lines")
        return DecidedRequest(request=request, skipped=skipped, errors=() if skipped else (none,))
    errors = _errors(request, wanted, context.references)
    if errors:
        return DecidedRequest(request=request, skipped=skipped, errors=errors)
    header = header_of(request, wanted, context.references)
    terms = [offer_of(header, line, context.references) for line in wanted]
    unpriced = unpriced_lines(header, wanted, terms, context.references)
    if unpriced:
        return DecidedRequest(request=request, skipped=skipped, errors=unpriced)
    lines = (
        line_of(header, line, i * LINE_NO_STEP, offered, context)
        for i, (line, offered) in enumerate(zip(wanted, terms, strict=True), start=1)
    )
    return DecidedRequest(request=request, skipped=skipped, order=header.replaced(lines=tuple(lines)))


def without_lost(decision: DecidedRequest, lost: Mapping[UUID, LinkState]) -> DecidedRequest:
    """The decision after other transactions linked some of its sales lines (`lost`) at the same moment."""
    if decision.order is None:
        return decision
    kept = tuple(line for line in decision.order.lines if _sales_line_id(line) not in lost)
    late = tuple(
        _skip(line.sales, line.requisition_line_id, ASSOCIATED, lost[line.sales.sales_line_id])
        for line in decision.request.lines
        if line.sales is not None and line.sales.sales_line_id in lost
    )
    return replace(
        decision,
        order=decision.order.replaced(lines=kept) if kept else None,
        skipped=(*decision.skipped, *late),
    )


def _sales_line_id(line: Line) -> UUID | None:
    return line.link.sales.sales_line_id if line.link is not None else None


def _sort_out(
    request: PurchaseRequest, links: Mapping[UUID, LinkState]
) -> tuple[list[PurchaseRequestLine], tuple[SkippedLine, ...]]:
    wanted: list[PurchaseRequestLine] = []
    skipped: list[SkippedLine] = []
    taken: set[UUID] = set()  # a request that names one sales line twice must not buy it twice
    for line in request.lines:
        ref = line.sales
        if ref is None or not binds(line):
            wanted.append(line)
            continue
        state = links.get(ref.sales_line_id)
        code = ASSOCIATED if ref.sales_line_id in taken else refused_generation(state, ref.generation)
        if code:
            skipped.append(_skip(ref, line.requisition_line_id, code, state))
        else:
            taken.add(ref.sales_line_id)
            wanted.append(line)
    return wanted, tuple(skipped)


def _skip(ref: SalesLineRef, requisition_line_id: UUID, code: str, state: LinkState | None) -> SkippedLine:
    order_no = state.active_order_no if state is not None else ""
    where = f"sales order {ref.sales_order_no} line {ref.sales_order_line_no}"
    detail = (
        f"{where} is already associated with purchase order {order_no or 'of the same request'}"
        if code == ASSOCIATED
        else f"{where} was linked in generation {state.highest_generation if state else ref.generation} already"
    )
    return SkippedLine(
        requisition_line_id=requisition_line_id,
        sales_line_id=ref.sales_line_id,
        code=code,
        purchase_order_no=order_no,
        detail=detail,
    )


def _errors(
    request: PurchaseRequest, lines: list[PurchaseRequestLine], references: ReferenceData
) -> tuple[Problem, ...]:
    found = Violations()
    customer_no = request.sell_to_customer_no
    check_vendor(found, request.vendor_no, references.find(Vendor, request.vendor_no))
    check_customer(found, references.find(Customer, customer_no), BUYING_FOR)
    errors = _problems(found)
    for i, line in enumerate(lines):
        line_no = line.sales.sales_order_line_no if line.sales is not None else None
        for problem in _line_errors(line, references):
            errors.append(replace(problem, pointer=f"/lines/{i}{problem.pointer}", line_no=line_no))
    return tuple(errors)


def _line_errors(line: PurchaseRequestLine, references: ReferenceData) -> list[Problem]:
    found = Violations()
    check_item(found, references.find(Item, line.item_no))
    if line.quantity <= 0:
        detail = "nothing can be bought in a quantity of zero or less"
        found.invalid("quantity-mismatch", detail, "/quantity")
    if line.drop_shipment and line.special_order:
        detail = "a line is either a drop shipment or a special order"
        found.invalid("purchasing-code-exclusive", detail, "/purchasing_code")
    if binds(line) and line.sales is None:
        detail = "a drop shipment or special order is bought for a sales line, and none is named"
        found.invalid("not-associated-with-sales-order", detail, "/sales")
    return _problems(found)


def _problems(found: Violations) -> list[Problem]:
    refusal = found.refusal()
    return list(refusal.problems()) if refusal is not None else []
