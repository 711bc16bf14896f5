"""Planning's purchase request becomes one purchase order, or is refused with every reason (BC-SO-15..23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec

from contracts.planning import PurchaseRequest, PurchaseRequestLine
from contracts.purchasing import PurchaseLink, RequestOutcome, SkippedLine, Vendor
from contracts.refusals import Violation
from contracts.values import Address, Problem, SalesLineRef
from purchasing.domain import known as facts
from purchasing.domain.costs import Wanted, catalogue_decides
from purchasing.domain.known import CopyMissing, Known
from purchasing.domain.links import ASSOCIATED, LinkState, refused_generation
from purchasing.domain.orders import DROP_SHIPMENT, LINE_NO_STEP, SPECIAL_ORDER, Line, Order

NewId = Callable[[], UUID]

CREATED = "created"
SKIPPED = "skipped"
REFUSED = "refused"
SUPERSEDED = "superseded"

_BLANK_ADDRESS = Address()


class Decision(msgspec.Struct, kw_only=True):
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
    def must_be_told(self) -> bool:
        """The purchase order tells of a plain success itself; a person who waits for a run needs the outcome."""
        return self.order is None or bool(self.skipped) or self.request.run_id is not None

    def published(self) -> RequestOutcome:
        """The outcome as the others are told."""
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


def decide(
    request: PurchaseRequest, known: Known, links: Mapping[UUID, LinkState], new_id: NewId
) -> Decision:
    """Decide one request. Lines procured already are left out; anything else wrong refuses all of it."""
    wanted, skipped = _sort_out(request, links)
    if not wanted:
        none = Problem(code="nothing-to-create", detail="the request has no lines")
        return Decision(request=request, skipped=skipped, errors=() if skipped else (none,))
    errors = _errors(request, wanted, known)
    if errors:
        return Decision(request=request, skipped=skipped, errors=errors)
    vendor = known.vendors[request.vendor_no]
    return Decision(request=request, skipped=skipped, order=_order(request, wanted, vendor, known, new_id))


def without_lost(decision: Decision, lost: Mapping[UUID, LinkState]) -> Decision:
    """The decision after others linked some of its sales lines (`lost`: by sales line) at the same moment."""
    if decision.order is None:
        return decision
    kept = tuple(line for line in decision.order.lines if _sales_line_id(line) not in lost)
    late = tuple(
        _skip(line.sales, line.requisition_line_id, ASSOCIATED, lost[line.sales.sales_line_id])
        for line in decision.request.lines
        if line.sales is not None and line.sales.sales_line_id in lost
    )
    return msgspec.structs.replace(
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
    taken: set[UUID] = set()
    for line in request.lines:
        ref = line.sales
        if ref is None or not _binds(line):
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


def _binds(line: PurchaseRequestLine) -> bool:
    return line.drop_shipment or line.special_order


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


def _errors(request: PurchaseRequest, lines: list[PurchaseRequestLine], known: Known) -> tuple[Problem, ...]:
    header = (
        *facts.vendor_violations(request.vendor_no, known.vendors.get(request.vendor_no)),
        *facts.customer_violations(
            request.sell_to_customer_no, known.customers.get(request.sell_to_customer_no), shipping=False
        ),
    )
    found = [Problem(code=v.code, detail=v.detail, pointer=v.pointer) for v in header]
    for i, line in enumerate(lines):
        line_no = line.sales.sales_order_line_no if line.sales is not None else None
        found += (
            Problem(code=v.code, detail=v.detail, pointer=f"/lines/{i}{v.pointer}", line_no=line_no)
            for v in _line_violations(line, known)
        )
    return tuple(found)


def _line_violations(line: PurchaseRequestLine, known: Known) -> tuple[Violation, ...]:
    found = list(facts.item_violations(known.items.get(line.item_no), pointer="/item_no"))
    if line.quantity <= 0:
        found.append(
            Violation("quantity-mismatch", "nothing can be bought in a quantity of zero or less", "/quantity")
        )
    if line.drop_shipment and line.special_order:
        detail = "a line is either a drop shipment or a special order"
        found.append(Violation("purchasing-code-exclusive", detail, "/purchasing_code"))
    if _binds(line) and line.sales is None:
        detail = "a drop shipment or special order is bought for a sales line, and none is named"
        found.append(Violation("not-associated-with-sales-order", detail, "/sales"))
    return tuple(found)


def _order(
    request: PurchaseRequest, lines: list[PurchaseRequestLine], vendor: Vendor, known: Known, new_id: NewId
) -> Order:
    """The header by BC-SO-20 and BC-DS-16; a special order goes to its location, or to the company."""
    context = _Context(request, vendor, known, known.order_currency(vendor, request.currency_code))
    ship_to = request.ship_to
    if ship_to == _BLANK_ADDRESS and not lines[0].drop_shipment:
        ship_to = known.receiving_address(request.location_code)
    return Order(
        no="",
        version=1,
        vendor_no=vendor.no,
        vendor_name=vendor.name,
        purchase_request_id=request.id,
        sell_to_customer_no=request.sell_to_customer_no,
        ship_to_code=request.ship_to_code,
        ship_to=ship_to,
        location_code=request.location_code,
        currency_code=context.currency_code,
        order_date=request.order_date,
        your_reference=request.your_reference,
        shipment_method_code=vendor.shipment_method_code,
        lines=tuple(_line(i, line, context, new_id) for i, line in enumerate(lines, start=1)),
    )


class _Context(NamedTuple):
    request: PurchaseRequest
    vendor: Vendor
    known: Known
    currency_code: str


def _line(position: int, line: PurchaseRequestLine, context: _Context, new_id: NewId) -> Line:
    """A line by BC-SO-21 and BC-DS-11: what the sales line says, at the vendor's terms."""
    request, vendor, known, currency_code = context
    _must_know_cost(line, vendor, known)
    wanted = Wanted(
        vendor_no=vendor.no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        price_date=max(request.order_date, known.today),
        currency_code=currency_code,
        company_currency_code=known.company_currency_code,
    )
    terms = known.offer(wanted, line.item_no)
    return Line(
        id=new_id(),
        line_no=position * LINE_NO_STEP,
        item_no=line.item_no,
        description=line.description,
        vendor_item_no=terms.vendor_item_no,
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        direct_unit_cost=terms.direct_unit_cost,
        line_discount_pct=terms.line_discount_pct,
        location_code=line.location_code,
        expected_receipt_date=line.expected_receipt_date
        or known.expected_date(request.order_date, vendor, line.item_no),
        requested_receipt_date=line.requested_receipt_date,
        purchasing_code=line.purchasing_code,
        requisition_line_id=line.requisition_line_id,
        link=_link(line, new_id),
    )


def _must_know_cost(line: PurchaseRequestLine, vendor: Vendor, known: Known) -> None:
    """Without a catalogue cost the item's own is needed; a nonstock item may not exist yet and has none."""
    entry = known.item_vendors.get((vendor.no, line.item_no))
    if not catalogue_decides(entry) and line.item_no not in known.items and not line.nonstock:
        raise CopyMissing("item", line.item_no)


def _link(line: PurchaseRequestLine, new_id: NewId) -> PurchaseLink | None:
    """Flagged lines bind to their sales line; one bought for stock keeps no binding link."""
    if line.sales is None or not _binds(line):
        return None
    kind = DROP_SHIPMENT if line.drop_shipment else SPECIAL_ORDER
    return PurchaseLink(link_id=new_id(), kind=kind, sales=line.sales)
