"""What events tell of a document's history: the acts that they name, and the postings that they list.

An event can be replaced by a newer one before it is sent. Postings are in every later snapshot, so they are never
missed; the names of acts are then those of the events that came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from contracts.planning.requests import PurchaseRequest
from contracts.planning.stock import Demand
from contracts.purchasing.documents import PostedPurchaseInvoice
from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.purchasing.outcomes import RequestOutcome
from contracts.sales.documents import PostedSalesCreditMemo, PostedSalesInvoice
from contracts.sales.orders import Reallocation, SalesOrder
from contracts.timeline import Subject, TimelineEntry
from contracts.values import Posting, Problem

SALES_ORDER: Final = "sales-order"
PURCHASE_ORDER: Final = "purchase-order"
PURCHASE_REQUEST: Final = "purchase-request"
CHANNEL_TRANSACTION: Final = "channel-transaction"

SHIPPED: Final = "shipped"
RECEIVED: Final = "received"
REALLOCATED: Final = "reallocated"
INVOICED: Final = "invoiced"
CAPTURED: Final = "captured"
POSTED: Final = "posted/"
"""How the ids of entries of posted documents begin; their numbers follow."""
_LINES_SHOWN: Final = 10
# One act can ship, invoice and close an order, or make an order and end its synchronization: in this order.
_MOVED: Final = 1
_INVOICED: Final = 2
ENDED: Final = 3
_SAID_BY_OTHERS: Final = (SHIPPED, INVOICED, REALLOCATED, CAPTURED)
"""Acts of sales orders that other entries say more of."""
_ANSWERED: Final = frozenset({"confirmed", "confirmation_withdrawn", "dates_changed", "rescheduled"})
_REFUSED: Final = "line_refused"
_ENDING: Final = frozenset({"closed"})


class Snapshot(Protocol):
    """An aggregate after a change."""

    @property
    def version(self) -> int:
        """Version of the aggregate; it grows with each act of its owner."""
        ...

    @property
    def happened(self) -> tuple[str, ...]:
        """Names of the acts that led to this version."""
        ...


def acts(
    subject: Subject, event: str, snapshot: Snapshot, document: str, detail: str = "", *besides: str
) -> Iterator[TimelineEntry]:
    """One entry for each act that the snapshot names; `besides` are those that other entries tell better.

    `event` is kind and number of the aggregate; with the version it identifies the event.
    """
    id_ = f"{event}/{snapshot.version}"
    for word in snapshot.happened:
        if word not in besides:
            yield TimelineEntry(
                subject=subject,
                id=id_,
                happened=word,
                document=document,
                detail=detail,
                rank=ENDED if word in _ENDING else 0,
            )


def postings(subject: Subject, happened: str, posted: Iterable[Posting]) -> Iterator[TimelineEntry]:
    """One entry for each posted document, however many lines it has."""
    first: dict[str, Posting] = {}
    for posting in posted:
        if posting.document_no:
            first.setdefault(posting.document_no, posting)
    for no, posting in first.items():
        yield TimelineEntry(
            subject=subject,
            id=f"{POSTED}{no}",
            happened=happened,
            document=no,
            detail=f"{posting.carrier} {posting.tracking_no}".strip(),
            at=posting.posted_at,
            rank=_MOVED,
        )


def of_sales_order(order: SalesOrder) -> Iterator[TimelineEntry]:
    """Acts and shipments of a sales order; its invoices tell of themselves."""
    subject = Subject(SALES_ORDER, order.no)
    yield from acts(subject, f"{SALES_ORDER}/{order.no}", order, order.no, "", *_SAID_BY_OTHERS)
    yield from postings(subject, SHIPPED, (posting for line in order.lines for posting in line.postings))
    for line in order.lines:
        for given in line.reallocations:
            yield _reallocated(subject, line.line_no, given)


def _reallocated(subject: Subject, line_no: int, moved: Reallocation) -> TimelineEntry:
    """Received goods that a line gave to another, or got from it."""
    given = moved.quantity < 0
    other = f"sales order {moved.sales_order_no} line {moved.sales_order_line_no}"
    what = f"line {line_no}: {abs(moved.quantity).normalize():f} {'to' if given else 'from'} {other}"
    return TimelineEntry(
        subject=subject,
        id=f"reallocation/{moved.id}",
        happened="goods_given" if given else "goods_taken",
        document=moved.sales_order_no,
        detail=what,
        at=moved.reallocated_at,
    )


def of_flagged_sales_order(order: SalesOrder) -> Iterator[TimelineEntry]:
    """The same, unless nothing of the order is bought for it."""
    if any(line.special_order or line.drop_shipment for line in order.lines):
        yield from of_sales_order(order)


def of_sales_invoice(invoice: PostedSalesInvoice) -> Iterator[TimelineEntry]:
    """What was invoiced, for each order of the invoice."""
    yield from _invoiced(SALES_ORDER, invoice.no, (line.sales_order_no for line in invoice.lines))


def of_sales_credit_memo(memo: PostedSalesCreditMemo) -> Iterator[TimelineEntry]:
    """What was given back, for each order of the memo."""
    for no in dict.fromkeys(line.sales_order_no for line in memo.lines):
        if no:
            yield TimelineEntry(
                subject=Subject(SALES_ORDER, no),
                id=f"{POSTED}{memo.no}",
                happened="credited",
                document=memo.no,
                detail=memo.sales_return_order_no,
                rank=_INVOICED,
            )


def of_purchase_invoice(invoice: PostedPurchaseInvoice) -> Iterator[TimelineEntry]:
    """What the vendor invoiced, for each order of the invoice."""
    numbers = (line.purchase_order_no for line in invoice.lines)
    yield from _invoiced(PURCHASE_ORDER, invoice.no, numbers, invoice.vendor_invoice_no)


def _invoiced(kind: str, invoice: str, orders: Iterable[str], detail: str = "") -> Iterator[TimelineEntry]:
    for no in dict.fromkeys(orders):
        if no:
            yield TimelineEntry(
                subject=Subject(kind, no),
                id=f"{POSTED}{invoice}",
                happened=INVOICED,
                document=invoice,
                detail=detail,
                rank=_INVOICED,
            )


def of_purchase_order(order: PurchaseOrder) -> Iterator[TimelineEntry]:
    """Acts and receipts of a purchase order; its invoices tell of themselves."""
    yield from _of_purchase(Subject(PURCHASE_ORDER, order.no), order, order.lines, INVOICED)


def of_served_sales_orders(order: PurchaseOrder) -> Iterator[TimelineEntry]:
    """What a purchase order means for each sales order that it serves: its acts, the links, their receipts."""
    served: dict[str, list[PurchaseLine]] = {}
    for line in order.lines:
        if line.link is not None:
            served.setdefault(line.link.sales.sales_order_no, []).append(line)
    for no, lines in served.items():
        subject = Subject(SALES_ORDER, no)
        yield from _of_purchase(subject, order, lines)
        sold = (line.link.sales.sales_order_line_no for line in lines if line.link is not None)
        yield TimelineEntry(
            subject=subject,
            id=f"{PURCHASE_ORDER}/{order.no}/linked",
            happened="linked",
            document=order.no,
            detail=_lines(sold),
        )


def _of_purchase(
    subject: Subject, order: PurchaseOrder, lines: Sequence[PurchaseLine], *besides: str
) -> Iterator[TimelineEntry]:
    event, detail = f"{PURCHASE_ORDER}/{order.no}", f"vendor {order.vendor_no}"
    yield from acts(subject, event, order, order.no, detail, RECEIVED, _REFUSED, *_ANSWERED, *besides)
    for word in order.happened:
        if word in _ANSWERED or word == _REFUSED:
            said = _deliveries(subject, lines) if word in _ANSWERED else _refusals(subject, lines)
            id_ = f"{event}/{order.version}"
            yield TimelineEntry(subject=subject, id=id_, happened=word, document=order.no, detail=said)
    yield from postings(subject, RECEIVED, (posting for line in lines for posting in line.receipts))


def _deliveries(subject: Subject, lines: Iterable[PurchaseLine]) -> str:
    """When the vendor delivers which lines; numbered as the subject numbers them."""
    dated = ((_line_no(subject, line), line.confirmed_date or line.expected_receipt_date) for line in lines)
    return _shown(f"line {no} on {day}" for no, day in dated if day is not None)


def _refusals(subject: Subject, lines: Iterable[PurchaseLine]) -> str:
    refused = (line for line in lines if line.refusal_reason)
    return _shown(f"line {_line_no(subject, line)}: {line.refusal_reason}" for line in refused)


def _line_no(subject: Subject, line: PurchaseLine) -> int:
    if subject.kind == SALES_ORDER and line.link is not None:
        return line.link.sales.sales_order_line_no
    return line.line_no


def of_demand(demand: Demand) -> Iterator[TimelineEntry]:
    """The states that the demand of an order's lines came into, with the lines that are in them."""
    subject = Subject(SALES_ORDER, demand.sales_order_no)
    for word in demand.happened:
        lines = [line for line in demand.lines if line.state == word]
        problems = [line.problem for line in lines if line.problem is not None]
        yield TimelineEntry(
            subject=subject,
            id=f"demand/{demand.sales_order_no}/{demand.version}",
            happened=word,
            document=demand.sales_order_no,
            detail=reasons(problems) or _lines(line.sales_order_line_no for line in lines),
        )


def of_purchase_request(request: PurchaseRequest) -> Iterator[TimelineEntry]:
    """Planning asked for a purchase order."""
    id_ = str(request.id)
    detail = f"vendor {request.vendor_no}"
    yield from acts(Subject(PURCHASE_REQUEST, id_), f"{PURCHASE_REQUEST}/{id_}", request, id_, detail)


def of_request_outcome(outcome: RequestOutcome) -> Iterator[TimelineEntry]:
    """Purchasing's answer to a request that concerns a sales order."""
    if outcome.sales_order_no:
        subject = Subject(SALES_ORDER, outcome.sales_order_no)
        yield from _of_outcome(subject, outcome)


def of_order_s_request_outcome(outcome: RequestOutcome) -> Iterator[TimelineEntry]:
    """Purchasing's answer to a request that concerns a purchase order."""
    if outcome.purchase_order_no:
        yield from _of_outcome(Subject(PURCHASE_ORDER, outcome.purchase_order_no), outcome)


def _of_outcome(subject: Subject, outcome: RequestOutcome) -> Iterator[TimelineEntry]:
    document = outcome.purchase_order_no or outcome.sales_order_no
    for word in outcome.happened:
        yield TimelineEntry(
            subject=subject,
            id=f"request-outcome/{outcome.request_id}",
            happened=f"{outcome.kind}_{word}",
            document=document,
            detail=reasons(outcome.errors),
        )


def _lines(numbers: Iterable[int]) -> str:
    found = sorted(set(numbers))
    if not found:
        return ""
    return f"{'line' if len(found) == 1 else 'lines'} {_shown(map(str, found))}"


def _shown(texts: Iterable[str]) -> str:
    found = list(texts)
    more = f" and {len(found) - _LINES_SHOWN} more" if len(found) > _LINES_SHOWN else ""
    return ", ".join(found[:_LINES_SHOWN]) + more


def reasons(problems: Iterable[Problem]) -> str:
    """The reasons in words, each once."""
    return "; ".join(dict.fromkeys(problem.detail or problem.code for problem in problems))
