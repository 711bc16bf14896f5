"""Projected inventory of an item, as JSON or as a picture."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.openapi import pictured
from httpkit.papers import SVG, PictureFormat, picture_response
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany
from httpkit.responses import json_response
from planning.domain.stock.projected_inventory import ProjectedInventory
from planning.http.filters import AS_SVG, ProjectionFilters
from planning.http.pictures import chart_of
from planning.use_cases.read_projections import read_projection

router = APIRouter(prefix="/v1", tags=["stock"])
_READING: Final = [requires("planning:read")]


@router.get(
    "/items/{no}/projected-inventory",
    responses=pictured(ProjectedInventory, refuses=[404]),
    dependencies=_READING,
)
async def get_projected_inventory(
    request: Request,
    reading: ReadMany,
    no: RecordNo,
    asked: Filters[ProjectionFilters],
    media_type: PictureFormat,
) -> Response:
    """Stock of an item over time: each demand and supply, and what the worksheets' messages would make of it.

    What is overdue is counted on the first day. `Accept: image/svg+xml` or `format=svg` answers a picture.
    """
    projected = await reading.computed(
        lambda conn: read_projection(conn, no, asked.location_code, asked.from_date, asked.to_date)
    )
    if media_type == SVG or asked.format == AS_SVG:
        return picture_response(request, chart_of(projected))
    return json_response(projected)
