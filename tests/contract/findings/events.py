"""The AsyncAPI document of all events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft7Validator

from tests.contract.findings.document import (
    Place,
    Property,
    Schema,
    has_example,
    is_described,
    properties_of,
    shown_by_parent,
)
from tests.contract.findings.validity import places_in, rule_numbers_in, wrong_examples

SPECIFICATION: Final = Path(__file__).parents[1] / "asyncapi" / "3.0.0.json"

Content = Mapping[str, Any]


def violations_of_asyncapi(document: Content) -> list[str]:
    errors = Draft7Validator(json.loads(SPECIFICATION.read_text())).iter_errors(document)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in errors]


def examples_against_their_schema(document: Content) -> list[str]:
    return list(wrong_examples(_schemas(document), _places(document)))


def cited_rule_numbers(document: Content) -> list[str]:
    return list(rule_numbers_in(document))


def properties_without_description(document: Content) -> list[str]:
    return [p.where for p in _properties(document) if not is_described(_schemas(document), p.schema)]


def properties_without_example(document: Content) -> list[str]:
    return [
        p.where
        for p in _properties(document)
        if not has_example(_schemas(document), p.schema) and not shown_by_parent(p)
    ]


def without_description(document: Content) -> list[str]:
    schemas = [name for name, schema in _schemas(document).items() if not schema.get("description")]
    messages = [f"message {name}" for name, m in _messages(document).items() if not m.get("summary")]
    return schemas + messages


def operations_without_description(document: Content) -> list[str]:
    return [
        name
        for name, operation in document.get("operations", {}).items()
        if not {"summary", "description"} & operation.keys()
    ]


def _properties(document: Content) -> Iterator[Property]:
    for place in _places(document):
        yield from properties_of(place)


def _places(document: Content) -> Iterator[Place]:
    yield from places_in(_schemas(document))
    headers = {f"message {name} headers": m.get("headers", {}) for name, m in _messages(document).items()}
    yield from places_in(headers)


def _schemas(document: Content) -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = document.get("components", {}).get("schemas", {})
    return found


def _messages(document: Content) -> Content:
    found: Content = document.get("components", {}).get("messages", {})
    return found
