"""Order tracking: which supply serves which demand, from sales line over requisition and purchase line to postings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from contracts.fields import EXAMPLE_ID, Day, ItemNoOrBlank, LineNo, Timestamp, TotalQuantity, choice
from contracts.purchasing.orders import PurchaseLine, PurchaseOrder
from contracts.sales.orders import SalesLine, SalesOrder
from contracts.values import Posting
from domainkit.money import plain_quantity
from domainkit.timelines import POSTED, PURCHASE_ORDER, SALES_ORDER
from planning.domain.requisitions.lines import RequisitionLine
from planning.domain.requisitions.scheduling import due_date_of
from planning.domain.reservations.reservation import Reservation

DEMAND: Final = "demand"
REQUISITION: Final = "requisition"
SUPPLY: Final = "supply"
RESERVATION: Final = "reservation"
RECEIPT: Final = "receipt"
SHIPMENT: Final = "shipment"


_UNTOLD: Final = frozenset({REQUISITION, RESERVATION})
"""What belongs to no document whose history is known."""


class Told(msgspec.Struct, frozen=True):
    """When something happened, and who did it; "" if that is not known."""

    at: datetime
    by: str


History = dict[tuple[str, str], Told]
"""By kind and number of the document, or with `POSTED` before the number of a document that was posted for it."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A document line or a posting; `quantity` in the line's unit."""

    id: Annotated[str, Meta(description="Kind and id; edges name it.", examples=[f"demand:{EXAMPLE_ID}"])]
    kind: Annotated[
        str,
        choice(DEMAND, REQUISITION, RESERVATION, SUPPLY, RECEIPT, SHIPMENT),
        Meta(
            description="What it is: a sales, requisition or purchase line, a reservation, or a posting.",
            examples=[DEMAND],
        ),
    ]
    document_no: Annotated[
        str, Meta(description="Number of the document, or name of the worksheet.", examples=["S-1001"])
    ]
    line_no: Annotated[LineNo | None, Meta(description="Its line, if it is one.", examples=[10000])] = None
    item_no: ItemNoOrBlank
    quantity: Annotated[TotalQuantity, Meta(description="How much, in the line's unit.", examples=["2"])]
    date: Annotated[
        Day | None, Meta(description="When it is due, or was posted.", examples=["2026-03-20"])
    ] = None
    status: Annotated[
        str, Meta(description="Status of the document or the posting.", examples=["released"])
    ] = ""
    at: Annotated[
        Timestamp | None,
        Meta(description="When the document was made, or it was posted; null where that is not known."),
    ] = None
    by: Annotated[str, Meta(description='Who did it; "" where that is not known.', examples=["anna"])] = ""


class Edge(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """So much of one node goes on to the other."""

    from_: Annotated[str, Meta(description="Id of the node before.", examples=[f"demand:{EXAMPLE_ID}"])]
    to: Annotated[str, Meta(description="Id of the node after.", examples=[f"requisition:{EXAMPLE_ID}"])]
    quantity: Annotated[TotalQuantity, Meta(description="How much goes on.", examples=["2"])]


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """What serves what: lines and postings, and how much of one goes on to the other."""

    nodes: Annotated[tuple[Node, ...], Meta(description="Lines and postings.")] = ()
    edges: Annotated[tuple[Edge, ...], Meta(description="What goes on from one to the other.")] = ()


def track(
    sales: Iterable[SalesOrder],
    requisitions: Iterable[RequisitionLine],
    purchases: Iterable[PurchaseOrder],
    history: History | None = None,
    reserved: Iterable[Reservation] = (),
) -> Graph:
    """The graph of these documents and of what is reserved; an edge is only drawn between nodes that are in it.

    `history` says when and by whom they were made and posted.
    """
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    kinds = (
        _of_sales(sales),
        _of_requisitions(requisitions),
        _of_reservations(reserved),
        _of_purchases(purchases),
    )
    for found in kinds:
        for node, its_edges in found:
            nodes[node.id] = _told(node, history or {})
            edges += its_edges
    return Graph(
        nodes=tuple(nodes.values()),
        edges=tuple(edge for edge in edges if edge.from_ in nodes and edge.to in nodes),
    )


def _told(node: Node, history: History) -> Node:
    kind = SALES_ORDER if node.kind in {DEMAND, SHIPMENT} else PURCHASE_ORDER
    key = f"{POSTED}{node.document_no}" if node.kind in {SHIPMENT, RECEIPT} else node.document_no
    found = history.get((kind, key)) if node.kind not in _UNTOLD else None
    return node if found is None else replace(node, at=found.at, by=found.by)


def for_item(graph: Graph, item_no: str) -> Graph:
    """The part of a graph that concerns one item."""
    nodes = tuple(node for node in graph.nodes if node.item_no == item_no)
    ids = {node.id for node in nodes}
    return Graph(nodes=nodes, edges=tuple(e for e in graph.edges if e.from_ in ids and e.to in ids))


Found = Iterator[tuple[Node, list[Edge]]]


def _of_sales(orders: Iterable[SalesOrder]) -> Found:
    for order in orders:
        for line in order.lines:
            if line.type != "item":
                continue
            demand = _demand(order, line)
            yield demand, []
            for posting in line.postings:
                shipment = _posted(SHIPMENT, posting, demand)
                yield shipment, [Edge(from_=demand.id, to=shipment.id, quantity=posting.quantity)]


def _of_requisitions(lines: Iterable[RequisitionLine]) -> Found:
    for line in lines:
        node = Node(
            id=_id(REQUISITION, line.id),
            kind=REQUISITION,
            document_no=line.worksheet,
            item_no=line.item_no,
            quantity=line.quantity,
            date=line.due_date,
            status=line.status,
        )
        served = line.sales_ref() or line.planned_for
        from_ = _id(DEMAND, served.sales_line_id) if served is not None else ""
        yield node, [Edge(from_=from_, to=node.id, quantity=line.quantity)]


def _of_reservations(reserved: Iterable[Reservation]) -> Found:
    """What is held for a sales line, of stock or of a purchase line (BC-PL-02)."""
    for each in reserved:
        node = Node(
            id=_id(RESERVATION, each.id),
            kind=RESERVATION,
            document_no=each.sales_order_no,
            line_no=each.sales_order_line_no,
            item_no=each.item_no,
            quantity=plain_quantity(each.quantity / each.qty_per_unit_of_measure),
            date=each.supply_date or each.due_date,
            status=each.status,
        )
        edges = [Edge(from_=_id(DEMAND, each.sales_line_id), to=node.id, quantity=node.quantity)]
        if each.purchase_line_id is not None:
            edges.append(Edge(from_=node.id, to=_id(SUPPLY, each.purchase_line_id), quantity=node.quantity))
        yield node, edges


def _of_purchases(orders: Iterable[PurchaseOrder]) -> Found:
    for order in orders:
        for line in order.lines:
            supply = _supply(order, line)
            yield supply, _towards(line, supply)
            for posting in line.receipts:
                receipt = _posted(RECEIPT, posting, supply)
                yield receipt, [Edge(from_=supply.id, to=receipt.id, quantity=posting.quantity)]


def _towards(line: PurchaseLine, supply: Node) -> list[Edge]:
    """From the requisition line that asked for it, else straight from the sales line."""
    if line.requisition_line_id is not None:
        return [Edge(from_=_id(REQUISITION, line.requisition_line_id), to=supply.id, quantity=line.quantity)]
    if line.link is not None:
        return [Edge(from_=_id(DEMAND, line.link.sales.sales_line_id), to=supply.id, quantity=line.quantity)]
    return []


def _demand(order: SalesOrder, line: SalesLine) -> Node:
    return Node(
        id=_id(DEMAND, line.id),
        kind=DEMAND,
        document_no=order.no,
        line_no=line.line_no,
        item_no=line.item_no,
        quantity=line.quantity,
        date=due_date_of(order, line),
        status=order.status,
    )


def _supply(order: PurchaseOrder, line: PurchaseLine) -> Node:
    return Node(
        id=_id(SUPPLY, line.id),
        kind=SUPPLY,
        document_no=order.no,
        line_no=line.line_no,
        item_no=line.item_no,
        quantity=line.quantity,
        date=line.expected_receipt_date,
        status="deleted" if line.deleted else order.status,
    )


def _posted(kind: str, posting: Posting, line: Node) -> Node:
    return Node(
        id=_id(kind, posting.posting_id),
        kind=kind,
        document_no=posting.document_no,
        item_no=line.item_no,
        quantity=posting.quantity,
        date=posting.posting_date,
        status="undone" if posting.undone else "posted",
    )


def _id(kind: str, id_: UUID) -> str:
    """A drop shipment's receipt and shipment are one posting: the kind makes their ids differ."""
    return f"{kind}:{id_}"
