"""The resources of planning: how one is read by its number, and where it is found."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from contracts.keys import stockkeeping_unit_no
from contracts.planning.masters import Location
from domainkit.structs import extended
from eventkit.transaction import Queryable
from httpkit.masters import MasterResource, master_resource
from httpkit.responses import Resource, Shown
from planning.domain.masters.catalog_items import CatalogCard
from planning.domain.masters.items import ItemCard
from planning.domain.masters.setup import Setup
from planning.domain.masters.stockkeeping_units import StockkeepingUnitCard
from planning.domain.masters.worksheets import Worksheet
from planning.domain.proposals.proposal import sums_by_item
from planning.domain.requisitions.run_results import result_of
from planning.http.answers import (
    CatalogItemAnswer,
    ItemAnswer,
    LocationAnswer,
    ProposalAnswer,
    ProposalRowAnswer,
    SetupAnswer,
    StockkeepingUnitAnswer,
    WorksheetAnswer,
    requisition_line_answer,
    reservation_answer,
)
from planning.store import proposals, requisitions, reservations
from planning.store.kinds import KINDS_OF_PLANNING


async def read_requisition_line(conn: Queryable, no: str, *, worksheet: str) -> Shown | None:
    """A line of this worksheet, none of another."""
    stored = await requisitions.find_line(conn, UUID(no))
    if stored is None or stored.document.worksheet != worksheet:
        return None
    return Shown(requisition_line_answer(stored), stored.document.version)


async def read_run(conn: Queryable, no: str) -> Shown | None:
    """A carry-out run and what became of its lines so far; it has no version."""
    run = await requisitions.find_run(conn, UUID(no))
    return None if run is None else Shown(result_of(run))


async def read_reservation(conn: Queryable, no: str) -> Shown | None:
    """A reservation, also an ended one."""
    stored = await reservations.find(conn, UUID(no))
    return None if stored is None else Shown(reservation_answer(stored), stored.document.version)


async def read_proposal(
    conn: Queryable, no: str, *, only_unavailable: bool = False, by_item: bool = False
) -> Shown | None:
    """A purchase proposal as it was computed."""
    proposal = (await proposals.find(conn, [UUID(no)])).get(UUID(no))
    if proposal is None:
        return None
    rows = proposal.rows if not by_item else sums_by_item(proposal.rows)
    shown = (row for row in rows if row.needed_quantity > 0 or not only_unavailable)
    answer = extended(
        ProposalAnswer,
        proposal,
        updated_at=proposal.created_at,
        rows=tuple(extended(ProposalRowAnswer, row) for row in shown),
    )
    return Shown(answer, answer.version)


def _master(model: type[Any], answer: type[Any], location: str = "", **more: Any) -> MasterResource:
    return master_resource(KINDS_OF_PLANNING, model, partial(extended, answer), location, **more)


ITEM_CARD: Final = _master(
    ItemCard,
    ItemAnswer,
    "/v1/items/{no}",
    filters=("description", "vendor_no"),
    searched=("description", "vendor_item_no"),
)
CATALOG_ITEM: Final = _master(
    CatalogCard,
    CatalogItemAnswer,
    "/v1/catalog-items/{no}",
    filters=("description", "vendor_no", "vendor_item_no", "item_no"),
    searched=("description", "vendor_item_no", "item_no"),
)
LOCATION_CARD: Final = _master(Location, LocationAnswer, "/v1/locations/{no}", filters=("name",))
STOCKKEEPING_UNIT: Final = _master(
    StockkeepingUnitCard, StockkeepingUnitAnswer, filters=("item_no", "location_code")
)
REQUISITION_WORKSHEET: Final = _master(
    Worksheet,
    WorksheetAnswer,
    "/v1/requisition-worksheets/{no}",
    filters=("name",),
    searched=("description",),
)
PLANNING_SETUP: Final = _master(Setup, SetupAnswer, "/v1/planning-setup", default=Setup())
CARRY_OUT_RUN: Final = Resource("carry-out-run", read_run, "/v1/carry-out-runs/{no}")
RESERVATION: Final = Resource("reservation", read_reservation, "/v1/reservations/{no}")

PURCHASE_PROPOSAL: Final = Resource("purchase-proposal", read_proposal, "/v1/purchase-proposals/{no}")


def purchase_proposal(*, only_unavailable: bool, by_item: bool) -> Resource:
    """The resource as a person wants to see it."""
    read = partial(read_proposal, only_unavailable=only_unavailable, by_item=by_item)
    return Resource("purchase-proposal", read, "/v1/purchase-proposals/{no}")


def stockkeeping_unit(location_code: str, item_no: str) -> tuple[Resource, str]:
    """The resource and the number of an item at a location."""
    address = f"/v1/stockkeeping-units/{quote(location_code, safe='')}/{quote(item_no, safe='')}"
    return STOCKKEEPING_UNIT.at(address), stockkeeping_unit_no(location_code, item_no)


def requisition_line(worksheet: str) -> Resource:
    """The resource of the lines of this worksheet."""
    address = f"/v1/requisition-worksheets/{quote(worksheet, safe='')}/lines/{{no}}"
    return Resource("requisition-line", partial(read_requisition_line, worksheet=worksheet), address)
