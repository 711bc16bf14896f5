"""Walks through the operations and schemas of an OpenAPI or AsyncAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

Schema = Mapping[str, Any]
COMPONENTS: Final = "#/components/schemas/"
JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
_NULL: Final = {"type": "null"}


class Place(NamedTuple):
    """A schema with the words that lead a reader to it."""

    where: str
    schema: Schema


class Property(NamedTuple):
    """A property with the schema that it is part of."""

    where: str
    name: str
    schema: Schema
    parent: Schema


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    content: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def secured(self) -> bool:
        return bool(self.content.get("security"))

    @property
    def scopes(self) -> list[str]:
        return [
            scope
            for alternative in self.content.get("security", ())
            for scopes in alternative.values()
            for scope in scopes
        ]

    @property
    def responses(self) -> Mapping[str, Any]:
        """The documented answers by status."""
        found: Mapping[str, Any] = self.content.get("responses", {})
        return found

    def parameter(self, name: str) -> Mapping[str, Any] | None:
        """The parameter of this name; those of headers are found in any case."""
        for parameter in self.content.get("parameters", ()):
            if parameter["name"].lower() == name.lower():
                return dict(parameter)
        return None

    def requires(self, name: str) -> bool:
        parameter = self.parameter(name)
        return parameter is not None and bool(parameter.get("required"))

    def asks_for(self, name: str) -> bool:
        """Whether it requires the header unless it is rehearsed, which only the description can say."""
        described = (self.parameter(name) or {}).get("description", "")
        return self.requires(name) or "Required unless `dry_run=true`" in described


@dataclass(frozen=True)
class Document:
    """An API document of a service."""

    content: Mapping[str, Any]

    @property
    def components(self) -> Mapping[str, Schema]:
        found: Mapping[str, Schema] = self.content.get("components", {}).get("schemas", {})
        return found

    def operations(self) -> Iterator[Operation]:
        for path, methods in self.content.get("paths", {}).items():
            for method, content in methods.items():
                yield Operation(method, path, content)

    def bodies(self) -> Iterator[Place]:
        """The schema of every request and answer that has a body."""
        for operation in self.operations():
            for media, content in operation.content.get("requestBody", {}).get("content", {}).items():
                yield Place(f"{operation} request {media}", content.get("schema", {}))
            for status, response in operation.responses.items():
                for media, content in response.get("content", {}).items():
                    yield Place(f"{operation} {status} {media}", content.get("schema", {}))

    def schemas(self) -> Iterator[Place]:
        """Every schema: components, bodies, parameters, and the ones inside them."""
        for name, schema in self.components.items():
            yield from inside(Place(name, schema))
        for body in self.bodies():
            yield from inside(body)
        for operation in self.operations():
            for parameter in operation.content.get("parameters", ()):
                yield from inside(
                    Place(f"{operation} parameter {parameter['name']}", parameter.get("schema", {}))
                )

    def properties(self) -> Iterator[Property]:
        """Every property of every schema."""
        for place in self.schemas():
            yield from properties_of(place)

    def resolved(self, schema: Schema) -> Schema:
        return resolved(self.components, schema)


def inside(place: Place) -> Iterator[Place]:
    """A schema and all schemas inside it; what it refers to is a component, found on its own."""
    where, schema = place
    yield place
    for name, child in schema.get("properties", {}).items():
        yield from inside(Place(f"{where}.{name}", child))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from inside(Place(f"{where}[]", schema[key]))
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for child in schema.get(key, ()):
            yield from inside(Place(where, child))


def properties_of(place: Place) -> Iterator[Property]:
    """The properties of one schema, not of those inside it."""
    for name, child in place.schema.get("properties", {}).items():
        yield Property(f"{place.where}.{name}", name, child, place.schema)


def resolved(components: Mapping[str, Schema], schema: Schema) -> Schema:
    """The component that a schema refers to, or the schema itself."""
    reference = schema.get("$ref", "")
    return components.get(reference.removeprefix(COMPONENTS), schema) if reference else schema


def alternatives(schema: Schema) -> list[Schema]:
    """What a value may be, without null; empty for a schema that is not made of alternatives."""
    members = [m for key in ("anyOf", "oneOf", "allOf") for m in schema.get(key, ())]
    return [m for m in members if m != _NULL]


def is_described(components: Mapping[str, Schema], schema: Schema) -> bool:
    """Whether a reader learns what a value means: from the schema itself or the component that it refers to."""
    if schema.get("description"):
        return True
    target = resolved(components, schema)
    if target is not schema:
        return is_described(components, target)
    members = alternatives(schema)
    return bool(members) and all(is_described(components, m) for m in members)


def has_example(components: Mapping[str, Schema], schema: Schema) -> bool:
    """Whether a reader sees a value: an example, or the only possible ones.

    An object counts: its properties have examples of their own.
    """
    if schema.get("examples") or {"example", "const", "enum"} & schema.keys():
        return True
    target = resolved(components, schema)
    if target is not schema:
        return has_example(components, target)
    if schema.get("properties"):
        return True
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            return has_example(components, schema[key])
    return any(has_example(components, m) for m in alternatives(schema))


def shown_by_parent(found: Property) -> bool:
    """Whether an example of the whole object shows the property."""
    examples = [*found.parent.get("examples", ()), found.parent.get("example")]
    return any(isinstance(example, dict) and found.name in example for example in examples)
