"""Completes FastAPI's document with what it cannot know: structs, and the statuses and headers of each operation.

What an operation can answer follows from its dependencies: a token means 401, a body 415, a key 400, and so on. The
statuses of its rules are named at the route, by `answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from httpkit import problem_schema, schemas
from httpkit.bodies import BodyReader, SnapshotReader
from httpkit.changes import DeletedRecord
from httpkit.openapi_operations import REFUSES, DocumentedOperation, calls_of
from httpkit.operations import Operation
from httpkit.papers import SVG, media
from httpkit.schemas import REF

_STRUCT: Final = "x-koppel-struct"
# FastAPI copies `responses=` into the document as it is, so a type cannot stand in it: its name does, until
# `_put_in_answers` replaces it by a reference.
_answer_types: dict[str, Any] = {}


def answers(  # noqa: PLR0913 - keywords with defaults: what differs between routes
    model: Any = None,
    status: int = 200,
    *,
    items: bool = False,
    changes: bool = False,
    total: Any = None,
    operation: bool = False,
    dry_run: Any = None,
    refuses: Iterable[int] = (),
) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that answers a struct.

    `items`: pages of it; `changes`: also by time of change, with deleted ones; `total`: with sums over all pages.
    `operation`: or 202 with an operation. `dry_run`: what a dry run answers instead.
    `refuses`: statuses of the act's own rules (404, 409).
    For a PUT, which answers 201 or 200, join two by `|`.
    """
    schema = _schema(model, items=items or changes, changes=changes)
    if schema is not None and total is not None:
        schema["required"].append("total")
        schema["properties"]["total"] = _schema(total)
    if dry_run is not None:
        schema = {"anyOf": [schema, _schema(dry_run)]}
    found: dict[int | str, dict[str, Any]] = {status: _response(status, schema)}
    if operation:
        found[202] = _response(202, _schema(Operation))
    found |= {refused: {REFUSES: True} for refused in refuses}
    return found


def upserts(model: Any, *, refuses: Iterable[int] = ()) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a PUT: 201 for a new record, 200 for a changed one."""
    return answers(model, 201) | answers(model, 200, refuses=refuses)


def printed(*media_types: str, refuses: Iterable[int] = ()) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that answers a printable document in one of these media types."""
    document = {"description": "The document", "content": media(*media_types)}
    return {200: document, **{refused: {REFUSES: True} for refused in (404, *refuses)}}


def pictured(model: Any, *, refuses: Iterable[int] = ()) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that answers a struct, or a picture of it."""
    found = answers(model, refuses=refuses)
    found[200]["content"] |= media(SVG)
    return found


def _schema(model: Any, *, items: bool = False, changes: bool = False) -> dict[str, Any] | None:
    if model is None:
        return None
    key = f"{model.__module__}.{model.__qualname__}" if isinstance(model, type) else repr(model)
    _answer_types[key] = model
    schema: dict[str, Any] = {_STRUCT: key}
    if not items:
        return schema
    if changes:
        schema = {"anyOf": [schema, _schema(DeletedRecord)]}
    cursor = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    return {
        "type": "object",
        "description": "One page of a list.",
        "required": ["items", "next_cursor"],
        "properties": {
            "items": {"type": "array", "items": schema, "description": "The rows of this page."},
            "next_cursor": {
                **cursor,
                "description": "Send it as `cursor` for the next page; null on the last one.",
                "examples": ["WyJhYmMiLCJTLTEwMDEiXQ"],
            },
            "watermark": {
                **cursor,
                "description": (
                    "Only with `updated_since`. Send it as `cursor` with the same filters later: what changed since"
                    " then, nothing left out and some of it twice. Null: nothing has changed, ask the same again."
                ),
                "examples": ["WyJhYmMiLCJTLTEwMDEiXQ"],
            },
        },
    }


_DONE: Final = {
    200: "Done",
    201: "Created",
    202: "The act goes on in another service",
    204: "Done, no body",
    503: "Not ready",
}


def _response(status: int, schema: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"description": _DONE.get(status, "Done")}
    if schema is not None:
        found["content"] = {"application/json": {"schema": schema}}
    return found


def install(app: FastAPI) -> None:
    """Make `app.openapi()` give the completed document."""

    def document() -> dict[str, Any]:
        # Made once, at the first request: it walks through every route and struct.
        if app.openapi_schema is None:
            plain = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
                servers=app.servers,
            )
            app.openapi_schema = _complete(plain, app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _complete(document: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    contexts = list(iter_route_contexts(app.routes))
    routes = [r for r in contexts if isinstance(r.original_route, APIRoute) and r.include_in_schema]
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.update(problem_schema.COMPONENTS)
    # Answers first: they keep their names; a request's struct of the same name becomes `…Input`.
    _put_in_answers(document, components)
    _put_in_bodies(document, components, routes)
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"][route.path_format].get(method.lower())
            if operation is not None:
                DocumentedOperation(operation, route, method).complete()
    # FastAPI adds its own 422 everywhere; every operation here answers problem documents instead.
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    return document


def _put_in_answers(document: dict[str, Any], components: dict[str, Any]) -> None:
    used = sorted(_used(document))  # sorted, so that the generated document is the same each time
    refs, found = schemas.answer_schemas([_answer_types[key] for key in used])
    components.update(found)
    _replace(document, dict(zip(used, refs, strict=True)))


def _put_in_bodies(document: dict[str, Any], components: dict[str, Any], routes: list[RouteContext]) -> None:
    readers = [
        (route, reader)
        for route in routes
        for reader in calls_of(route.dependant)
        if isinstance(reader, BodyReader)
    ]
    # Other services send these as the contracts say: unlike in requests, unknown members are allowed (a newer sender).
    sent = [(route, reader) for route, reader in readers if isinstance(reader, SnapshotReader)]
    refs, found = schemas.answer_schemas([reader.model for _, reader in sent])
    components.update(found)
    _set_bodies(document, sent, refs)
    readers = [(route, reader) for route, reader in readers if not isinstance(reader, SnapshotReader)]
    refs, found = schemas.request_schemas([reader.model for _, reader in readers])
    # A struct that is both sent and answered is two schemas: an answer has all its fields.
    renamed = {name: f"{name}Input" for name in found if components.get(name, found[name]) != found[name]}
    for node in (*refs, *found.values()):
        _rename(node, {REF.format(name=old): REF.format(name=new) for old, new in renamed.items()})
    for name, schema in found.items():
        # Clients are generated with the title as the name of a class.
        components[renamed.get(name, name)] = schema | {"title": renamed.get(name, name)}
    _set_bodies(document, readers, refs)


def _set_bodies(
    document: dict[str, Any],
    readers: Sequence[tuple[RouteContext, BodyReader]],
    refs: Sequence[dict[str, Any]],
) -> None:
    for (route, reader), ref in zip(readers, refs, strict=True):
        for method in route.methods or ():
            document["paths"][route.path_format][method.lower()]["requestBody"] = {
                "required": not reader.optional,
                "content": {"application/json": {"schema": ref}},
            }


def _used(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node[_STRUCT]} if isinstance(node.get(_STRUCT), str) else set()
        return own.union(*(_used(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_used(value) for value in node))
    return set()


def _replace(node: Any, refs: dict[str, Any]) -> None:
    if isinstance(node, dict):
        key = node.pop(_STRUCT, None)
        if key is not None:
            node.update(refs[key])
        for value in node.values():
            _replace(value, refs)
    elif isinstance(node, list):
        for value in node:
            _replace(value, refs)


def _rename(node: Any, moved: dict[str, str]) -> None:
    if isinstance(node, dict):
        if node.get("$ref") in moved:
            node["$ref"] = moved[node["$ref"]]
        for value in node.values():
            _rename(value, moved)
    elif isinstance(node, list):
        for value in node:
            _rename(value, moved)
