from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from httpkit import openapi


class Inner(msgspec.Struct):
    amount: int


class Wish(msgspec.Struct):
    inner: Inner


class Apart:
    class Wish(BaseModel):
        text: str


def document() -> dict[str, Any]:
    router = APIRouter()

    @router.post("/wishes", responses=openapi.answers(Wish, 201))
    async def make(body: Apart.Wish) -> Response:  # noqa: ARG001 - it is what is documented
        return Response()

    @router.get("/counts", responses=openapi.answers(dict[str, int]))
    async def counts() -> Response:
        return Response()

    @router.get("/names", responses=openapi.answers(dict[str, str]))
    async def names() -> Response:
        return Response()

    app = FastAPI()
    app.include_router(router)
    openapi.install(app)
    return app.openapi()


def schema_of(document: dict[str, Any], path: str, method: str, status: str) -> Any:
    return document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]


def test_an_answer_and_a_request_of_one_name_are_kept_apart() -> None:
    made = document()
    assert schema_of(made, "/wishes", "post", "201") == {"$ref": "#/components/schemas/WishAnswer"}
    schemas = made["components"]["schemas"]
    assert schemas["Wish"]["properties"].keys() == {"text"}
    assert schemas["WishAnswer"]["properties"]["inner"] == {"$ref": "#/components/schemas/Inner"}


def test_dictionaries_of_different_values_are_not_mixed_up() -> None:
    made = document()
    assert schema_of(made, "/counts", "get", "200")["additionalProperties"] == {"type": "integer"}
    assert schema_of(made, "/names", "get", "200")["additionalProperties"] == {"type": "string"}


def test_every_reference_is_there() -> None:
    made = document()

    def refs(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(refs(v) for v in node.values()))
        return set().union(*(refs(v) for v in node)) if isinstance(node, list) else set()

    assert {r.rsplit("/", 1)[1] for r in refs(made)} <= made["components"]["schemas"].keys()
