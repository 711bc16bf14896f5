"""A small API document that holds every claim."""

from __future__ import annotations

from typing import Any


def good_document() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1.0.0", "description": "Keeps notes."},
        "servers": [{"url": "http://localhost:8001", "description": "The local stack"}],
        "tags": [{"name": "notes", "description": "What was written down."}],
        "paths": {"/v1/notes": {"post": _create(), "get": _list()}, "/v1/notes/{no}": {"patch": _change()}},
        "components": {
            "schemas": {"Note": _note(), "Notes": _notes(), "Problem": _problem()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(name: str, **rest: Any) -> dict[str, Any]:
    return {
        "operationId": name,
        "description": "Says what it does.",
        "tags": ["notes"],
        "security": [{"bearer": ["notes:write"]}],
        **rest,
    }


def _create() -> dict[str, Any]:
    success = _answer("Note", "ETag", "Location", "Koppel-Seen", "Idempotency-Replayed")
    return _operation(
        "create_note",
        parameters=[_parameter("Idempotency-Key", "header", required=True)],
        requestBody={"content": {"application/json": {"schema": _ref("Note")}}, "required": True},
        responses={"201": success, **_refusals("400", "401", "403", "413", "415", "422", "503")},
    )


def _change() -> dict[str, Any]:
    return _operation(
        "change_note",
        parameters=[_parameter("no", "path", required=True), _parameter("If-Match", "header", required=True)],
        requestBody={"content": {"application/json": {"schema": _ref("Note")}}},
        responses={
            "200": _answer("Note", "ETag", "Koppel-Seen"),
            **_refusals("401", "403", "412", "413", "415", "428"),
        },
    )


def _list() -> dict[str, Any]:
    return _operation("list_notes", responses={"200": _answer("Notes", "Link"), **_refusals("401", "403")})


def _answer(schema: str, *headers: str) -> dict[str, Any]:
    return {
        "description": "Done",
        "headers": {h: {"description": "Says more.", "schema": {"type": "string"}} for h in headers},
        "content": {"application/json": {"schema": _ref(schema)}},
    }


def _refusals(*statuses: str) -> dict[str, Any]:
    headers = {"401": ["WWW-Authenticate"], "503": ["Retry-After"]}
    return {
        status: {
            **_answer("Problem", *headers.get(status, [])),
            "content": {"application/problem+json": {"schema": _ref("Problem")}},
        }
        for status in statuses
    }


def _parameter(name: str, place: str, *, required: bool) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": "Says what it is for.",
        "schema": {"type": "string", "examples": ["N-1"]},
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _note() -> dict[str, Any]:
    properties = {
        "title": {"type": "string", "description": "Its first line.", "examples": ["Call Anna"]},
        "kind": {"enum": ["private", "shared"], "description": "Who sees it."},
        "version": {"type": "integer", "description": "Raised by each change.", "examples": [7]},
        "next": {"anyOf": [_ref("Note"), {"type": "null"}], "description": "The one after it."},
    }
    return {"type": "object", "description": "A note.", "properties": properties}


def _notes() -> dict[str, Any]:
    properties = {
        "items": {"type": "array", "items": _ref("Note"), "description": "A page."},
        "next_cursor": {"type": "string", "description": "Where the next page starts."},
    }
    return {
        "type": "object",
        "description": "Notes.",
        "properties": properties,
        "examples": [{"items": [], "next_cursor": "abc"}],
    }


def _problem() -> dict[str, Any]:
    properties = {
        "code": {"type": "string", "description": "Stable name of the reason.", "examples": ["too-long"]}
    }
    return {"type": "object", "description": "What was refused.", "properties": properties}
