"""Bodies and their properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.contract.findings.document import (
    JSON,
    Document,
    Operation,
    Place,
    Property,
    Schema,
    alternatives,
    has_example,
    inside,
    is_described,
    properties_of,
    shown_by_parent,
)

_TYPED: Final = frozenset({"type", "enum", "const"})


def bodies_without_schema(document: Document) -> list[str]:
    return [where for where, schema in document.bodies() if not _is_typed(document, schema)]


def bodies_without_example(document: Document) -> list[str]:
    return [
        where
        for where, schema in document.bodies()
        if where.endswith(JSON) and not has_example(document.components, schema)
    ]


def properties_without_type(document: Document) -> list[str]:
    """A property that may be anything tells a client nothing."""
    return [p.where for p in document.properties() if not _is_typed(document, p.schema)]


def _is_typed(document: Document, schema: Schema) -> bool:
    target = document.resolved(schema)
    if target.get("type") == "object":
        return bool(target.get("properties") or target.get("additionalProperties"))
    if target.get("type") == "array":
        return bool(target.get("items"))
    members = alternatives(target)
    return all(_is_typed(document, m) for m in members) if members else bool(_TYPED & target.keys())


def properties_without_description(document: Document) -> list[str]:
    return [p.where for p in document.properties() if not is_described(document.components, p.schema)]


def properties_without_example(document: Document) -> list[str]:
    return [
        p.where
        for p in document.properties()
        if not has_example(document.components, p.schema) and not shown_by_parent(p)
    ]


def without_description(document: Document) -> list[str]:
    return [name for name, schema in document.components.items() if not schema.get("description")]


def enumerations_lost_in_answers(document: Document) -> list[str]:
    """Properties that a request restricts to some values, and the answer to it shows as any text."""
    return [
        f"{operation}: {name} is {', '.join(map(repr, values))} in the request, any text in the answer"
        for operation in document.operations()
        for name, values in _enumerations(document, _request(operation)).items()
        for shown in _named(document, _answer(operation), name)
        if document.resolved(shown).get("type") == "string" and not _values(document, shown)
    ]


def _request(operation: Operation) -> Schema:
    return _json(operation.content.get("requestBody", {}))


def _answer(operation: Operation) -> Schema:
    return next((_json(r) for status, r in operation.responses.items() if status in {"200", "201"}), {})


def _json(body: Schema) -> Schema:
    found: Schema = body.get("content", {}).get(JSON, {}).get("schema", {})
    return found


def _enumerations(document: Document, schema: Schema) -> dict[str, list[str]]:
    found = {p.name: _values(document, p.schema) for p in _reachable(document, schema)}
    return {name: values for name, values in found.items() if values}


def _named(document: Document, schema: Schema, name: str) -> list[Schema]:
    return [p.schema for p in _reachable(document, schema) if p.name == name]


def _reachable(document: Document, schema: Schema) -> Iterator[Property]:
    """The properties of a schema and of all that it refers to, each once."""
    waiting, seen = [schema], set()
    while waiting:
        for place in inside(Place("", waiting.pop())):
            reference = place.schema.get("$ref", "")
            if reference and reference not in seen:
                seen.add(reference)
                waiting.append(document.resolved(place.schema))
            yield from properties_of(place)


def _values(document: Document, schema: Schema) -> list[str]:
    target = document.resolved(schema)
    members = (_values(document, m) for m in alternatives(target))
    return list(target.get("enum", ())) or next((found for found in members if found), [])
