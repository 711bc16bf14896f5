"""Parameters and headers of requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.contract.findings.document import Document, Operation, has_example, is_described

KEY: Final = "Idempotency-Key"
KEYLESS: Final = frozenset(
    {"/v1/terminals/token", "/v1/sessions", "/v1/parked/{id}/redrive", "/v1/parked/redrive"}
)
"""Paths whose POST needs no key: signing in makes nothing that lasts, and the others may be repeated as they are."""


def without_description(document: Document) -> list[str]:
    return [
        f"{operation}: {parameter['name']}"
        for operation, parameter in _parameters(document)
        if not parameter.get("description")
        and not is_described(document.components, parameter.get("schema", {}))
    ]


def without_example(document: Document) -> list[str]:
    return [
        f"{operation}: {parameter['name']}"
        for operation, parameter in _parameters(document)
        if not {"example", "examples"} & parameter.keys()
        and not has_example(document.components, parameter.get("schema", {}))
    ]


def headers_not_required(document: Document) -> list[str]:
    """A rehearsal (`dry_run=true`) needs no key, which OpenAPI cannot say: the description must."""
    found = []
    for operation in document.operations():
        if operation.method == "post" and operation.secured and operation.path not in KEYLESS:
            found += _key_not_required(operation)
        if "428" in operation.responses and not operation.asks_for("If-Match"):
            found.append(f"{operation}: answers 428, but If-Match is not required")
    return found


def _key_not_required(operation: Operation) -> list[str]:
    parameter = operation.parameter(KEY)
    if parameter is None:
        return [f"{operation}: {KEY} is not documented"]
    rehearsed = operation.parameter("dry_run") and "dry_run" in parameter.get("description", "")
    if parameter.get("required") or rehearsed:
        return []
    return [f"{operation}: {KEY} is not required"]


def _parameters(document: Document) -> Iterator[tuple[Operation, Mapping[str, Any]]]:
    for operation in document.operations():
        for parameter in operation.content.get("parameters", ()):
            yield operation, parameter
