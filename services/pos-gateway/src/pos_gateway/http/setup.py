"""Stores, functionality profiles, parameters and workers: what administrators set (contract points 3, 5 to 7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import SecretStr, StringConstraints
from sqlalchemy import Row, select
from starlette.responses import Response

from contracts.refusals import not_found
from eventkit.transaction import Queryable
from httpkit import problems
from httpkit.answers import Resource, Show
from httpkit.auth import Tokens
from httpkit.edge import Edge
from httpkit.fields import (
    Code10OrBlank,
    Count,
    CurrencyCode,
    Flag,
    Input,
    No20,
    No20OrBlank,
    SignedMoney,
    SignedQuantity,
    Text50,
    Text100,
)
from httpkit.lists import Page
from httpkit.openapi import answers
from pos_gateway.domain.configuration import (
    CommerceParameters,
    FunctionalityProfile,
    OrderKind,
    Permission,
    RefundTender,
    Store,
    Tender,
    Worker,
)
from pos_gateway.domain.new_order import no
from pos_gateway.http.tills import MANAGE, TERMINAL
from pos_gateway.store import configuration
from pos_gateway.store.configuration import MODELS, PARAMETERS, PARAMETERS_NO, PROFILE, STORE, WORKER
from pos_gateway.store.tables import SETTING
from pos_gateway.use_cases.configure import PutWorker, Setup
from pos_gateway.use_cases.sign_on import hash_pin

DISTRIBUTION_NO = "1070"
PathNo = Annotated[No20, Path()]


class StoreInput(Input):
    """A shop."""

    name: Text100 = ""
    time_zone: Text50
    currency_code: CurrencyCode
    location_code: Code10OrBlank = ""
    profile_id: No20OrBlank = ""
    fulfilment_group: tuple[Code10OrBlank, ...] = ()


class ProfileInput(Input):
    """What tills of a store may do."""

    create_customer_order_in_async_mode: Flag = False
    realtime_with_async_backup: Flag = False
    require_payment_for_fulfilment: Literal["optional", "card_required"] = "optional"
    edit_partially_fulfilled_orders: Flag = True
    queue_changes_before_sync: Flag = True
    offline_creation_allowed: Flag = True


class RefundTenderInput(Input):
    """In what money may be given back."""

    paid_by: Tender
    refund_by: tuple[Tender, ...]
    manager_may_override: Flag = False


class ParametersInput(Input):
    """The company's parameters; "" is no code. Ranges are the domain's, so that all of them are told at once."""

    default_deposit_pct: SignedQuantity = Decimal(0)
    cancellation_charge_pct: SignedQuantity = Decimal(0)
    cancellation_charge_code: Code10OrBlank = ""
    shipping_charge_code: Code10OrBlank = ""
    refund_shipping_charges: Flag = False
    maximum_amount_without_approval: SignedMoney = Decimal(0)
    quote_expiration_days: Count = 30
    default_order_type: OrderKind = "customer_order"
    hold_code: Code10OrBlank = ""
    pickup_delivery_modes: tuple[No20, ...] = ()
    refund_tenders: tuple[RefundTenderInput, ...] = ()


class WorkerInput(Input):
    """Somebody who works at tills; `pin` is set if given and never answered."""

    name: Text100 = ""
    role: Literal["associate", "lead", "manager"] = "associate"
    permissions: tuple[Permission, ...] = ()
    store_nos: tuple[No20, ...] = ()
    pin: Annotated[SecretStr, StringConstraints(min_length=4, max_length=64)] | None = None


def routes(edge: Edge, tokens: Tokens, setup: Setup) -> APIRouter:
    """`/stores`, `/functionality-profiles`, `/commerce-parameters`, `/workers`, `/distribution-schedules`."""
    router = APIRouter(prefix="/v1", tags=["set-up"])
    managing = [Depends(tokens.require(MANAGE))]
    _stores(router, edge, setup, managing, [Depends(tokens.require(MANAGE, TERMINAL))])
    _profiles(router, edge, setup, managing)
    _parameters(router, edge, setup, managing, [Depends(tokens.require(MANAGE, TERMINAL))])
    _workers(router, edge, setup, managing)
    _distribution(router, edge, setup, managing)
    return router


def _stores(router: APIRouter, edge: Edge, setup: Setup, managing: list[Any], reading: list[Any]) -> None:
    @router.put("/stores/{store_no}", responses=answers(Store), dependencies=managing)
    async def put_store(request: Request, store_no: PathNo, body: StoreInput) -> Response:
        """Set a store up."""
        store = Store(no=store_no, **body.model_dump())
        return await edge.act(request, setup.put_stores, store, show=shows(STORE))

    @router.get("/stores/{store_no}", responses=answers(Store), dependencies=reading)
    async def get_store(request: Request, store_no: str) -> Response:
        """A store."""
        return await edge.show(request, shows(STORE), no(store_no), "store")

    @router.get("/stores", responses=answers(Store, items=True), dependencies=reading)
    async def list_stores(request: Request, page: Annotated[Page, Query()]) -> Response:
        """The company's stores."""
        return await _listing(edge, request, page, STORE)


def _profiles(router: APIRouter, edge: Edge, setup: Setup, managing: list[Any]) -> None:
    @router.put(
        "/functionality-profiles/{id}", responses=answers(FunctionalityProfile), dependencies=managing
    )
    async def put_profile(request: Request, id: PathNo, body: ProfileInput) -> Response:  # noqa: A002
        """Set a functionality profile up."""
        profile = FunctionalityProfile(id=id, **body.model_dump())
        return await edge.act(request, setup.put_profiles, profile, show=shows(PROFILE))

    @router.get(
        "/functionality-profiles/{id}", responses=answers(FunctionalityProfile), dependencies=managing
    )
    async def get_profile(request: Request, id: str) -> Response:  # noqa: A002
        """A functionality profile."""
        return await edge.show(request, shows(PROFILE), no(id), "functionality-profile")

    @router.get(
        "/functionality-profiles", responses=answers(FunctionalityProfile, items=True), dependencies=managing
    )
    async def list_profiles(request: Request, page: Annotated[Page, Query()]) -> Response:
        """The functionality profiles."""
        return await _listing(edge, request, page, PROFILE)


def _parameters(router: APIRouter, edge: Edge, setup: Setup, managing: list[Any], reading: list[Any]) -> None:
    @router.put("/commerce-parameters", responses=answers(CommerceParameters), dependencies=managing)
    async def put_parameters(request: Request, body: ParametersInput) -> Response:
        """Set the company's parameters."""
        tenders = tuple(RefundTender(**t.model_dump()) for t in body.refund_tenders)
        parameters = CommerceParameters(**(body.model_dump() | {"refund_tenders": tenders}))
        return await edge.act(request, setup.put_parameters, parameters, show=shows(PARAMETERS))

    @router.get("/commerce-parameters", responses=answers(CommerceParameters), dependencies=reading)
    async def get_parameters(request: Request) -> Response:
        """The company's parameters; before they were set, what holds instead."""
        return await edge.show(request, _show_parameters, PARAMETERS_NO, "commerce-parameters")


def _workers(router: APIRouter, edge: Edge, setup: Setup, managing: list[Any]) -> None:
    @router.put("/workers/{id}", responses=answers(Worker), dependencies=managing)
    async def put_worker(request: Request, id: PathNo, body: WorkerInput) -> Response:  # noqa: A002
        """Set a worker up; a PIN that is not sent stays as it is."""
        worker = Worker(id=id, **body.model_dump(exclude={"pin"}))
        pin_hash = await hash_pin(body.pin.get_secret_value()) if body.pin is not None else None
        return await edge.act(request, setup.put_workers, PutWorker(worker, pin_hash), show=shows(WORKER))

    @router.get("/workers/{id}", responses=answers(Worker), dependencies=managing)
    async def get_worker(request: Request, id: str) -> Response:  # noqa: A002
        """A worker."""
        return await edge.show(request, shows(WORKER), no(id), "worker")

    @router.get("/workers", responses=answers(Worker, items=True), dependencies=managing)
    async def list_workers(request: Request, page: Annotated[Page, Query()]) -> Response:
        """The workers."""
        return await _listing(edge, request, page, WORKER)


def _distribution(router: APIRouter, edge: Edge, setup: Setup, managing: list[Any]) -> None:
    @router.post(
        "/distribution-schedules/{schedule_no}/run", responses=answers(dict[str, int]), dependencies=managing
    )
    async def distribute(request: Request, schedule_no: str) -> Response:
        """Which configuration tills have now: changes need no distribution, they hold at once (POS-19)."""
        if no(schedule_no) != DISTRIBUTION_NO:
            return problems.respond(not_found("distribution-schedule", schedule_no))
        return await edge.act(request, setup.distribute, DISTRIBUTION_NO)


def shows(kind: str) -> Show:
    """Shows a setting of a kind."""
    return _SHOWS[kind]


def _showing(kind: str) -> Show:
    async def show(conn: Queryable, setting_no: str) -> Resource | None:
        found = await configuration.load(conn, kind, setting_no)
        return None if found is None else Resource(_whole(found.value, found.version), found.version)

    return show


_SHOWS = {kind: _showing(kind) for kind in MODELS}


async def _show_parameters(conn: Queryable, setting_no: str) -> Resource | None:
    return await shows(PARAMETERS)(conn, setting_no) or Resource(_whole(CommerceParameters(), 0), None)


def _whole(setting: Any, version: int) -> dict[str, Any]:
    """Every field, also those at their defaults, and the version."""
    return {field: getattr(setting, field) for field in setting.__struct_fields__} | {"version": version}


async def _listing(edge: Edge, request: Request, page: Page, kind: str) -> Response:
    query = select(SETTING.c.version, SETTING.c.body).where(SETTING.c.kind == kind)
    model = MODELS[kind]

    def item(row: Row[Any]) -> dict[str, Any]:
        return _whole(msgspec.json.decode(row.body, type=model), row.version)

    return await edge.listing(
        request, page, query, key=(SETTING.c.no,), body=item, updated=SETTING.c.updated_at
    )
