# ruff: noqa: ARG001 - what the routes take is what is documented; they are never called
from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest
from fastapi import APIRouter, FastAPI
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from contracts import fields
from contracts.values import Model
from httpkit import openapi
from httpkit.acts import ChangeAct, CreateAct, OperationAct, RehearsableAct, RehearsableCreateAct
from httpkit.auth import requires
from httpkit.bodies import Body, Filters, OptionalBody, SnapshotBody
from httpkit.lists import ListFilters
from httpkit.openapi import answers, upserts
from httpkit.paths import RecordNo
from httpkit.reads import ReadMany, ReadOne


class Part(msgspec.Struct, frozen=True, kw_only=True):
    quantity: fields.Quantity


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    no: Annotated[str, Meta(description="Its number.", examples=["A"])]
    version: fields.Version = 0
    note: fields.Text50 | None = None
    part: Part | None = None


class NewThing(msgspec.Struct, frozen=True, kw_only=True):
    no: fields.No
    price: fields.Money = Decimal(0)
    part: Part | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    no: Annotated[str, Meta(description="Its number.", examples=["A"])]
    warning: str | UnsetType = UNSET


class Event(Model, frozen=True, kw_only=True):
    no: fields.No


class ThingFilters(ListFilters, frozen=True, kw_only=True):
    blocked: Annotated[str, fields.choice("", "all"), Meta(description="Blocked for.", examples=["all"])] = ""


def made() -> FastAPI:  # noqa: C901 - a list of routes
    router = APIRouter(prefix="/v1", tags=["things"], dependencies=[requires("things:write")])

    @router.post("/things", status_code=201, responses=answers(Thing, 201, refuses=[409]))
    async def create_thing(act: CreateAct, body: Body[NewThing]) -> Response:
        return Response()

    @router.post("/rehearsed-things", status_code=201, responses=answers(Thing, 201))
    async def create_rehearsed_thing(act: RehearsableCreateAct, body: Body[NewThing]) -> Response:
        return Response()

    @router.put("/things/{no}", responses=upserts(Thing))
    async def put_thing(act: ChangeAct, no: RecordNo, body: Body[NewThing]) -> Response:
        return Response()

    @router.get("/things/{no}", responses=answers(Thing))
    async def get_thing(reading: ReadOne, no: RecordNo) -> Response:
        return Response()

    @router.get("/setup", responses=answers(Thing))
    async def get_setup(reading: ReadOne) -> Response:
        return Response()

    @router.get("/things", responses=answers(Thing, items=True))
    async def list_things(reading: ReadMany, page: Filters[ThingFilters]) -> Response:
        return Response()

    @router.post("/things/{no}/send", responses=answers(Thing, operation=True, refuses=[404]))
    async def send_thing(act: OperationAct, no: RecordNo, body: OptionalBody[Part]) -> Response:
        return Response()

    @router.post("/things/{no}/release", responses=answers(Thing, dry_run=Preview, refuses=[404]))
    async def release_thing(act: RehearsableAct, no: RecordNo) -> Response:
        return Response()

    @router.post("/thing-events", responses=answers(Thing))
    async def take_event(act: CreateAct, body: SnapshotBody[Event]) -> Response:
        return Response()

    @router.get("/counts", responses=answers(dict[str, int]))
    async def get_counts() -> Response:
        return Response()

    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    app.include_router(router)
    openapi.install(app)
    return app


@pytest.fixture
def document() -> dict[str, Any]:
    return made().openapi()


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def schema_of(found: dict[str, Any], status: str = "200") -> Any:
    return found["responses"][status]["content"]["application/json"]["schema"]


def test_an_answer_and_a_request_of_one_struct_are_kept_apart(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert "anyOf" not in schemas["Part"]["properties"]["quantity"]
    numbers = schemas["PartInput"]["properties"]["quantity"]["anyOf"]
    assert [one["type"] for one in numbers] == ["string", "number"]


def test_the_title_of_a_schema_is_its_name(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["PartInput"]["title"] == "PartInput"


def test_an_answer_has_all_its_fields_and_a_request_those_without_a_default(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert set(schemas["Thing"]["required"]) == {"no", "version", "note", "part"}
    assert schemas["NewThing"]["required"] == ["no"]
    assert schemas["NewThing"]["additionalProperties"] is False


def test_every_reference_is_there(document: dict[str, Any]) -> None:
    def refs(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(refs(v) for v in node.values()))
        return set().union(*(refs(v) for v in node)) if isinstance(node, list) else set()

    assert {r.rsplit("/", 1)[1] for r in refs(document)} <= document["components"]["schemas"].keys()


def test_dictionaries_are_documented(document: dict[str, Any]) -> None:
    assert schema_of(operation(document, "get", "/v1/counts"))["additionalProperties"] == {"type": "integer"}


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/v1/things", "201 400 401 403 409 413 415 422 429 503"),
        ("put", "/v1/things/{no}", "200 201 400 401 403 412 413 415 422 429 503"),
        ("get", "/v1/things/{no}", "200 304 400 401 403 404 422 429 503"),
        ("get", "/v1/things", "200 400 401 403 422 429 503"),
        ("post", "/v1/things/{no}/send", "200 202 400 401 403 404 409 412 413 415 422 429 503"),
    ],
)
def test_the_statuses_are_those_that_the_operation_can_answer(
    document: dict[str, Any], method: str, path: str, statuses: str
) -> None:
    assert " ".join(sorted(operation(document, method, path)["responses"])) == statuses


def test_a_resource_of_which_there_is_one_is_always_there(document: dict[str, Any]) -> None:
    assert "404" not in operation(document, "get", "/v1/setup")["responses"]


def test_a_key_is_required_where_a_request_fails_without_it(document: dict[str, Any]) -> None:
    def required(path: str) -> bool:
        parameters = operation(document, "post", path)["parameters"]
        (key,) = (p for p in parameters if p["name"] == "Idempotency-Key")
        return bool(key["required"])

    assert required("/v1/things")
    assert not required("/v1/things/{no}/release")


def test_what_is_created_has_no_version_to_match(document: dict[str, Any]) -> None:
    rehearsable = operation(document, "post", "/v1/rehearsed-things")
    assert "If-Match" not in {p["name"] for p in rehearsable["parameters"]}
    assert "412" not in rehearsable["responses"]


def test_scopes_stand_in_the_security_requirement(document: dict[str, Any]) -> None:
    assert operation(document, "get", "/v1/things")["security"] == [{"bearer": ["things:write"]}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_an_open_route_says_that_it_is_open() -> None:
    app = FastAPI()
    openapi.install(app)

    @app.get("/health/live")
    async def get_liveness() -> Response:
        return Response()

    assert app.openapi()["paths"]["/health/live"]["get"]["security"] == []


def test_filters_are_parameters_with_their_description_and_example(document: dict[str, Any]) -> None:
    parameters = {p["name"]: p for p in operation(document, "get", "/v1/things")["parameters"]}
    assert parameters["blocked"]["schema"]["enum"] == ["", "all"]
    assert parameters["blocked"]["description"] == "Blocked for."
    assert parameters["limit"]["schema"]["maximum"] == 500


def test_a_body_that_may_be_left_out_is_not_required(document: dict[str, Any]) -> None:
    assert operation(document, "post", "/v1/things/{no}/send")["requestBody"]["required"] is False
    assert operation(document, "post", "/v1/things")["requestBody"]["required"] is True


def test_headers_of_answers_are_documented(document: dict[str, Any]) -> None:
    created = operation(document, "post", "/v1/things")["responses"]["201"]["headers"]
    assert {"ETag", "Koppel-Seen", "Location", "Idempotency-Replayed"} <= created.keys()
    assert "Link" in operation(document, "get", "/v1/things")["responses"]["200"]["headers"]
    assert "Retry-After" in operation(document, "get", "/v1/things")["responses"]["503"]["headers"]


def test_a_dry_run_has_an_answer_of_its_own(document: dict[str, Any]) -> None:
    released = schema_of(operation(document, "post", "/v1/things/{no}/release"))
    assert [one["$ref"].rsplit("/", 1)[1] for one in released["anyOf"]] == ["Thing", "Preview"]


def test_what_an_answer_leaves_out_is_not_required(document: dict[str, Any]) -> None:
    preview = document["components"]["schemas"]["Preview"]
    assert preview["required"] == ["no"]
    assert "warning" in preview["properties"]


def test_the_body_of_another_service_may_have_members_that_are_not_known(document: dict[str, Any]) -> None:
    body = operation(document, "post", "/v1/thing-events")["requestBody"]["content"]["application/json"]
    assert (
        "additionalProperties"
        not in document["components"]["schemas"][body["schema"]["$ref"].rsplit("/", 1)[1]]
    )
