"""Documents answers in OpenAPI that FastAPI does not encode itself: msgspec structs and problem+json."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_REF: Final = "#/components/schemas/{name}"
_SCHEMA_KEY: Final = "x-koppel-struct"
_structs: dict[str, Any] = {}

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457. The first violation names the problem; `errors` holds all of them.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "additionalProperties": True,
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable, kebab-case"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "additionalProperties": True,
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the request"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_TITLES: Final = {
    "400": "Malformed, or the Idempotency-Key is missing",
    "401": "No valid token",
    "403": "The token's scopes do not allow this",
    "404": "Unknown",
    "405": "Another method is meant",
    "409": "The state of a document forbids this, or the same key is being worked on",
    "410": "Made by this request, and deleted since",
    "412": "If-Match names another version",
    "413": "Too large",
    "415": "Not JSON",
    "422": "Invalid; `errors` names everything that is wrong",
    "428": "If-Match is required",
    "429": "Too many requests",
    "503": "Not now: ask again after Retry-After, with the same key",
}
_ALWAYS: Final = ("400", "401", "403", "404", "422", "503")
_CHANGING: Final = ("409", "410", "412", "413", "415", "428")


def answers(
    type_: Any = None, status: int = 200, *, items: bool = False, operation: bool = False
) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that answers a msgspec type (`items`: pages of it; `operation`: or 202)."""
    schema: dict[str, Any] = {}
    if type_ is not None:
        schema = {_SCHEMA_KEY: _remember(type_)}
        if items:
            schema = {
                "type": "object",
                "required": ["items", "next_cursor"],
                "properties": {
                    "items": {"type": "array", "items": schema},
                    "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            }
    found: dict[int | str, dict[str, Any]] = {
        status: _response("Done" if status != 204 else "Done, no body", schema)  # noqa: PLR2004
    }
    if operation:
        from httpkit.operations import Operation  # noqa: PLC0415 - operations documents itself with this module

        found[202] = _response("The act goes on; see Location", {_SCHEMA_KEY: _remember(Operation)})
    return found


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        **({"content": {"application/json": {"schema": schema}}} if schema else {}),
    }


def _remember(type_: Any) -> str:
    key = f"{type_.__module__}.{type_.__qualname__}" if isinstance(type_, type) else repr(type_)
    _structs[key] = type_
    return key


def install(app: FastAPI) -> None:
    """Make `app.openapi()` give the completed document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            plain = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            app.openapi_schema = complete(plain)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Put the structs' schemas in, and the problems that every route can answer."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    used = sorted(_used(document))
    found = msgspec.json.schema_components([_structs[k] for k in used], ref_template=_REF)
    refs, components = _without_collisions(*found, taken=schemas)
    schemas.update(components)
    schemas["Problem"] = PROBLEM_SCHEMA
    _replace(document, dict(zip(used, refs, strict=True)))
    for path in document.get("paths", {}).values():
        for method, route in path.items():
            _add_problems(route, changing=method in {"post", "put", "patch", "delete"})
            _add_headers(route, method)
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document


def _without_collisions(
    refs: Sequence[Any], components: dict[str, Any], taken: Container[str]
) -> tuple[Sequence[Any], dict[str, Any]]:
    """An answer whose name a request has already is renamed: they are different things."""
    names = {name: f"{name}Answer" for name in components if name in taken}
    moved = {_REF.format(name=name): _REF.format(name=new) for name, new in names.items()}
    for node in (*refs, *components.values()):
        _move(node, moved)
    return refs, {names.get(name, name): schema for name, schema in components.items()}


def _move(node: Any, moved: Mapping[str, str]) -> None:
    if isinstance(node, dict):
        if node.get("$ref") in moved:
            node["$ref"] = moved[node["$ref"]]
        for value in node.values():
            _move(value, moved)
    elif isinstance(node, list):
        for value in node:
            _move(value, moved)


def _used(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node[_SCHEMA_KEY]} if isinstance(node.get(_SCHEMA_KEY), str) else set()
        return own.union(*(_used(v) for v in node.values()))
    if isinstance(node, list):
        return set().union(*(_used(v) for v in node))
    return set()


def _replace(node: Any, refs: dict[str, Any]) -> None:
    if isinstance(node, dict):
        key = node.pop(_SCHEMA_KEY, None)
        if key is not None:
            node.update(refs[key])
        for value in node.values():
            _replace(value, refs)
    elif isinstance(node, list):
        for value in node:
            _replace(value, refs)


def _add_problems(route: dict[str, Any], *, changing: bool) -> None:
    responses = route["responses"]
    if route.get("security"):
        statuses = (*_ALWAYS, *(_CHANGING if changing else ()))
    else:
        statuses = tuple(s for s in ("422",) if s in responses)
    for status in statuses:
        responses[status] = {
            "description": _TITLES[status],
            "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}},
        }


def _add_headers(route: dict[str, Any], method: str) -> None:
    if not route.get("security"):
        return
    parameters = route.setdefault("parameters", [])
    parameters.extend(_header(*h) for h in _headers(method))


def _headers(method: str) -> Iterable[tuple[str, str, bool]]:
    yield "Koppel-After", "Wait until this service's copies are that new: sales-order/S-1@7, …", False
    if method == "post":
        yield "Idempotency-Key", "Makes a repeated request answer again instead of doing again", False
        yield "Prefer", "wait=5: answer an operation's end result if it comes within that many seconds", False
    if method in {"post", "put", "patch", "delete"}:
        yield "If-Match", 'Only if the resource has this version: "7"', False
    if method == "get":
        yield "If-None-Match", 'Answer 304 if the resource still has this version: "7"', False


def _header(name: str, description: str, required: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }
