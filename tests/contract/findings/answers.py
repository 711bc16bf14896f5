"""Answers: statuses, types and headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.contract.findings.document import JSON, PROBLEM, Document, Operation, Schema, alternatives
from tests.contract.findings.parameters import KEY

NOT_READY: Final = ("/health/ready", "503")
"""The one answer above 400 that is no refusal: what the process lacks."""


def refusals_of_another_type(document: Document) -> list[str]:
    return [
        f"{operation}: {status} is {', '.join(response.get('content', {})) or 'empty'}"
        for operation in document.operations()
        for status, response in operation.responses.items()
        if status >= "400"
        and (operation.path, status) != NOT_READY
        and list(response.get("content", {})) != [PROBLEM]
    ]


def missing_headers(document: Document) -> list[str]:
    """Headers that an answer of its kind carries."""
    return [
        f"{operation}: {status} without {header}"
        for operation in document.operations()
        for status, response in operation.responses.items()
        for header in _expected(document, operation, status, response)
        if header.lower() not in {name.lower() for name in response.get("headers", {})}
    ]


def _expected(
    document: Document, operation: Operation, status: str, response: Mapping[str, Any]
) -> Iterator[str]:
    if status in {"429", "503"} and (operation.path, status) != NOT_READY:
        yield "Retry-After"
    if status == "401":
        yield "WWW-Authenticate"
    if status == "304":
        yield "ETag"
    if status < "300":
        yield from _expected_of_success(document, operation, status, response)


def _expected_of_success(
    document: Document, operation: Operation, status: str, response: Mapping[str, Any]
) -> Iterator[str]:
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    if _has_version(document, operation, status, schema):
        yield "ETag"
    if status == "202" or (status == "201" and operation.method == "post" and operation.requires(KEY)):
        yield "Location"
    if operation.method != "get" and (operation.parameter("If-Match") or operation.parameter(KEY)):
        yield "Koppel-Seen"
    if operation.parameter(KEY):
        yield "Idempotency-Replayed"
    if _has_property(document, schema, "next_cursor"):
        yield "Link"


def _has_version(document: Document, operation: Operation, status: str, schema: Schema) -> bool:
    """Whether the answer is a resource with a version of its own (a copy's version is that of another service)."""
    if operation.method == "get":
        return "304" in operation.responses
    return status != "202" and _has_property(document, schema, "version")


def statuses_that_do_not_fit(document: Document) -> list[str]:
    """Statuses that answer a part of the request which it does not have, and parts without their status."""
    found = []
    for operation in document.operations():
        statuses = operation.responses.keys()
        expected = {
            "304": operation.parameter("If-None-Match") is not None,
            "412": operation.parameter("If-Match") is not None,
            "413": "requestBody" in operation.content,
            "415": "requestBody" in operation.content,
            "428": operation.asks_for("If-Match"),
        }
        found += [
            f"{operation}: {status} is {'missing' if wanted else 'never answered'}"
            for status, wanted in expected.items()
            if wanted != (status in statuses)
        ]
        if not any(status < "300" for status in statuses):
            found.append(f"{operation}: no status of success")
    return found


def _has_property(document: Document, schema: Schema, name: str) -> bool:
    target = document.resolved(schema)
    if name in target.get("properties", {}):
        return True
    return any(_has_property(document, member, name) for member in alternatives(target))
