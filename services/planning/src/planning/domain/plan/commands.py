"""What people ask of a planning run."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.fields import Count, Day, ItemNo, LocationCodeOrBlank
from contracts.planning.masters import Location
from contracts.refusals import Violations
from contracts.values import Model
from domainkit.references import ReferenceData, ReferenceQuery
from planning.domain.masters.items import ItemCard

NAMED_MAX = 1000


class PlanRequest(Model, frozen=True, kw_only=True):
    """Which days, items and locations to plan; without lists all."""

    from_date: Annotated[Day, Meta(description="The first day of the plan.", examples=["2026-03-02"])]
    to_date: Annotated[Day, Meta(description="The last day of the plan.", examples=["2026-06-30"])]
    item_nos: Annotated[
        tuple[ItemNo, ...], Meta(max_length=NAMED_MAX, description="Only these items.", examples=[["1000"]])
    ] = ()
    location_codes: Annotated[
        tuple[LocationCodeOrBlank, ...],
        Meta(
            max_length=NAMED_MAX, description='Only these locations; "" is the company.', examples=[["EAST"]]
        ),
    ] = ()


class CalculatePlan(msgspec.Struct, frozen=True):
    """Balance supply and demand, and write the action messages into a worksheet."""

    worksheet: str
    request: PlanRequest


class PlanRun(Model, frozen=True, kw_only=True):
    """A planning run that was asked for and has not ended; its id is the operation's."""

    id: UUID
    worksheet: str
    request: PlanRequest


class PlanResult(Model, frozen=True, kw_only=True):
    """What a planning run balanced and wrote."""

    planned: Annotated[Count, Meta(description="Items at locations that were balanced.", examples=[120])]
    lines: Annotated[Count, Meta(description="Action messages in the worksheet.", examples=[14])]


def need_for_plan(query: ReferenceQuery, request: PlanRequest) -> None:
    """The records that a request names."""
    query.need(ItemCard, *request.item_nos)
    query.need(Location, *request.location_codes)


def check_request(request: PlanRequest, references: ReferenceData) -> None:
    """Refuse days in the wrong order and unknown items and locations, all at once (bad input 29)."""
    found = Violations()
    if request.to_date < request.from_date:
        detail = f"the plan ends on {request.to_date}, before it begins"
        found.invalid("end-before-start", detail, "/to_date", from_date=date.isoformat(request.from_date))
    for i, no in enumerate(request.item_nos):
        if references.find(ItemCard, no) is None:
            found.unknown("item", no, f"/item_nos/{i}")
    for i, code in enumerate(request.location_codes):
        if code and references.find(Location, code) is None:
            found.unknown("location", code, f"/location_codes/{i}")
    found.refuse_if_any()
