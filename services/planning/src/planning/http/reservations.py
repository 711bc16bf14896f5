"""Reservations of stock and of purchase lines for sales lines."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from sqlalchemy import select
from starlette.responses import Response

from httpkit.acts import ChangeAct, CreateAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters
from httpkit.lists import Columns, Listing
from httpkit.openapi import answers
from httpkit.paths import IdInPath
from httpkit.reads import ReadMany, ReadOne
from planning.domain.reservations.commands import CancelReservation, NewReservation
from planning.http.answers import ReservationAnswer, reservation_answer
from planning.http.filters import ReservationFilters
from planning.http.resources import RESERVATION
from planning.store import lists
from planning.store.reservations import stored_of
from planning.store.tables import RESERVATIONS
from planning.use_cases.reserve import cancel_reservations, make_reservations

router = APIRouter(prefix="/v1/reservations", tags=["reservations"])
_READING: Final = [requires("planning:read")]
_WRITING: Final = [requires("planning:write")]

_COLUMNS: Final = RESERVATIONS.c
_LISTING: Final = Listing(
    query=select(_COLUMNS.body, _COLUMNS.created_at, _COLUMNS.updated_at),
    key=(_COLUMNS.id,),
    item=lambda row: reservation_answer(stored_of(row)),
    columns=Columns({**_COLUMNS}, sorted_only=frozenset({"status"})),
    updated=_COLUMNS.updated_at,
)


@router.post(
    "",
    status_code=201,
    responses=answers(ReservationAnswer, 201, refuses=[409]),
    dependencies=_WRITING,
)
async def create_reservation(act: CreateAct, body: Body[NewReservation]) -> Response:
    """Reserve stock, or what a purchase line will bring, for a sales line.

    Only what is free can be reserved: neither what belongs to a special order nor what is reserved already, and no
    purchase line that comes after the goods are needed.
    """
    return await act.answer(await act.run(make_reservations, body, resource=RESERVATION))


@router.get("", responses=answers(ReservationAnswer, items=True), dependencies=_READING)
async def list_reservations(reading: ReadMany, page: Filters[ReservationFilters]) -> Response:
    """Reservations that hold something, the oldest first; ended ones too with `status=all`."""
    shown = lists.is_active(page.status, all_by_default=page.since is not None)
    return await reading.page(page, _LISTING.where(*shown))


@router.get("/{id}", responses=answers(ReservationAnswer), dependencies=_READING)
async def get_reservation(reading: ReadOne, id: IdInPath) -> Response:  # noqa: A002 - the path's name
    """One reservation, also an ended one."""
    return await reading.one(RESERVATION, str(id))


@router.delete(
    "/{id}",
    status_code=204,
    responses=answers(status=204, refuses=[409]),
    dependencies=_WRITING,
)
async def delete_reservation(act: ChangeAct, id: IdInPath) -> Response:  # noqa: A002 - the path's name
    """Give a reservation up: what it holds is free again. It stays readable, ended."""
    return await act.answer(await act.run(cancel_reservations, CancelReservation(id)))
