"""JSON schemas of structs for OpenAPI: what a request may send, and what an answer always has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, inspect

REF: Final = "#/components/schemas/{name}"

Schema = dict[str, Any]


def answer_schemas(types: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """(references in order, components) of answers: every field of a struct that omits nothing is there.

    Fields whose default is UNSET are optional.
    """
    types = list(types)
    refs, components = msgspec.json.schema_components(types, ref_template=REF)
    whole = {cls.__name__: cls for cls in structs_in(types) if not cls.__struct_config__.omit_defaults}
    for name, schema in components.items():
        _describe_optional_members(schema)
        if name in whole and "properties" in schema:
            left_out = {f.encode_name for f in msgspec.structs.fields(whole[name]) if f.default is UNSET}
            schema["required"] = [member for member in schema["properties"] if member not in left_out]
            for member in schema["properties"].values():
                member.pop("default", None)
    return list(refs), components


def request_schemas(types: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """(references in order, components) of bodies: decimals are texts or numbers, unknown fields are refused."""
    refs, components = msgspec.json.schema_components(list(types), ref_template=REF)
    for schema in components.values():
        _describe_optional_members(schema)
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
            schema["properties"] = {n: _or_number(s) for n, s in schema["properties"].items()}
    return list(refs), components


def parameters_of(model: type[Any]) -> list[dict[str, Any]]:
    """A struct of filters as query parameters."""
    _, components = msgspec.json.schema_components([model], ref_template=REF)
    schema = components[model.__name__]
    _describe_optional_members(schema)
    properties = schema["properties"]
    sorts = getattr(model, "sorts", ())
    if sorts:
        properties["sort"]["enum"] = ["", *(word for name in sorts for word in (name, f"-{name}"))]
        properties["sort"]["examples"] = [f"-{sorts[0]}"]
    else:
        properties.pop("sort", None)
    return [
        _parameter(name, member, required=name in schema.get("required", ()))
        for name, member in properties.items()
    ]


def structs_in(types: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """The structs in types, nested ones too."""
    found: set[type[msgspec.Struct]] = set()
    todo = [inspect.type_info(type_) for type_ in types]
    while todo:
        type_ = todo.pop()
        if isinstance(type_, inspect.StructType):
            if type_.cls not in found:
                found.add(type_.cls)
                todo.extend(field.type for field in type_.fields)
        else:
            todo.extend(_inner(type_))
    return found


def _inner(type_: inspect.Type) -> list[inspect.Type]:
    if isinstance(type_, inspect.Metadata):
        return [type_.type]
    if isinstance(type_, inspect.UnionType):
        return list(type_.types)
    if isinstance(type_, inspect.VarTupleType | inspect.ListType):
        return [type_.item_type]
    if isinstance(type_, inspect.DictType):
        return [type_.value_type]
    return []


def _describe_optional_members(schema: Schema) -> None:
    """`X | None` carries its description and example at X: clients look for them at the member itself."""
    for member in schema.get("properties", {}).values():
        for inner in member.get("anyOf", ()):
            for word in ("description", "examples"):
                if word in inner and word not in member:
                    member[word] = inner[word]


def _or_number(schema: Schema) -> Schema:
    """Where a decimal may be sent as text it may be sent as a number too."""
    if "anyOf" in schema:
        inner = [branch for member in schema["anyOf"] for branch in _branches(member)]
        return {**schema, "anyOf": inner}
    branches = _branches(schema)
    if len(branches) == 1:
        return schema
    kept: Schema = {word: schema[word] for word in ("description", "examples", "default") if word in schema}
    return {**kept, "anyOf": branches}


def _branches(schema: Schema) -> list[Schema]:
    if schema.get("format") != "decimal":
        return [schema]
    about = {"description", "examples", "default"}
    text = {word: value for word, value in schema.items() if word not in about}
    return [text, {"type": "number"}]


def _parameter(name: str, schema: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    plain = dict(schema)
    several = plain.get("type") == "array"
    if several:  # one of several values is described as the only one would be
        plain["items"] = dict(plain["items"])
        about = {word: plain["items"].pop(word, None) for word in ("description", "examples")}
        plain = (
            about
            | {"description": f"{about['description']} Several, separated by commas: one must match."}
            | plain
        )
    description = plain.pop("description", "")
    examples = plain.pop("examples", None)
    if plain.get("default", "") is None:
        del plain["default"]
    if "anyOf" in plain:  # a parameter that is left out is null
        kinds = [dict(kind) for kind in plain["anyOf"] if kind != {"type": "null"}]
        if len(kinds) == 1:
            del plain["anyOf"]
            plain = {**kinds[0], **plain}
            plain.pop("description", None)
            plain.pop("examples", None)
    found = {"name": name, "in": "query", "required": required, "description": description, "schema": plain}
    if examples:
        found["example"] = examples[:1] if several else examples[0]
    if several:
        found |= {"style": "form", "explode": False}
    return found
