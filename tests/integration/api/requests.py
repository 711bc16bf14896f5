"""Requests made from what an API document says of an operation."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any, Final

from tests.contract.findings.document import JSON, Document, Operation, Schema, alternatives

UNKNOWN_ID: Final = "01930000-0000-7000-8000-00000000dead"
ALSO: Final[Mapping[str, Mapping[str, Any]]] = {
    "post_purchase_order": {"receive": True},
    "post_sales_order": {"ship": True},
}
"""What is not required by itself, but without which there is nothing to do."""
_unknown_numbers = itertools.count(1)
_BY_FORMAT: Final[Mapping[str, Any]] = {
    "uuid": UNKNOWN_ID,
    "date": "2026-03-02",
    "date-time": "2026-03-02T10:00:00Z",
    "decimal": "1",
}
_BY_TYPE: Final[Mapping[str, Any]] = {"integer": 1, "number": 1, "boolean": False, "null": None}
_NUMBER_PATTERN: Final = re.compile(r"\\d")

_CHOSEN: Final = {"GET /v1/order-tracking": {"sales_order_no": "S-1001"}}
"""Parameters of operations that need one of several, which a document cannot say."""


def body_of(document: Document, operation: Operation) -> Any:
    """A body that the operation takes; None where it takes none."""
    content = operation.content.get("requestBody", {}).get("content", {}).get(JSON)
    if content is None:
        return None
    also = ALSO.get(operation.content["operationId"], {})
    body = example_of(document, content["schema"])
    return body | also if also else body


def query_of(document: Document, operation: Operation) -> dict[str, Any]:
    """The query parameters that the operation insists on."""
    return dict(_CHOSEN.get(str(operation), {})) | {
        p["name"]: p.get("example", example_of(document, p["schema"]))
        for p in operation.content.get("parameters", ())
        if p["in"] == "query" and p.get("required")
    }


def unknown_path(document: Document, operation: Operation) -> str:
    """The operation's path with numbers in the right form that stand for nothing."""
    path = operation.path
    for parameter in operation.content.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", _unknown(document, parameter["schema"]))
    return path.removeprefix("/v1")


def _unknown(document: Document, schema: Schema) -> str:
    target = document.resolved(schema)
    if target.get("pattern") == "^[A-Za-z]{3}$":
        return "BOV"  # a currency that no test has a rate of
    if target.get("type") == "string" and "format" not in target and "enum" not in target:
        return f"NONE-{next(_unknown_numbers)}"
    return str(_made_up(document, target))


def example_of(document: Document, schema: Schema) -> Any:
    """A value of the schema: an example where there is one, else the least that it takes."""
    target = document.resolved(schema)
    for found in (*schema.get("examples", ()), *target.get("examples", ())):
        return found
    members = alternatives(target)
    return example_of(document, members[0]) if members else _made_up(document, target)


def _made_up(document: Document, schema: Schema) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][-1]
    match schema.get("type"):
        case "object":
            return _object(document, schema)
        case "array":
            items = schema.get("items", {})
            return [example_of(document, items)] if schema.get("minItems", 0) else []
        case "string":
            return _text(schema)
        case kind:
            return _BY_TYPE.get(str(kind), "X")


def _object(document: Document, schema: Schema) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {name: example_of(document, properties[name]) for name in schema.get("required", ())}


def _text(schema: Schema) -> Any:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    if _NUMBER_PATTERN.search(schema.get("pattern", "")):
        return "1"
    return "X1".ljust(schema.get("minLength", 0), "1")[: schema.get("maxLength")]
