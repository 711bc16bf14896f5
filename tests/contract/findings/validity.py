"""Is a document what its specification allows, and are its examples what its schemas say?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contract.findings.document import Document, Place, Schema, inside

RULE_NUMBER: Final = re.compile(r"\b(?:BC|POS)(?:-[A-Z]+)*-\d+\b|\b[BEGI]\d{1,2}\b|\bcontract point \d+")
VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_TEXTS: Final = ("description", "summary", "title")


def violations_of_openapi(document: Document) -> list[str]:
    errors = OpenAPIV31SpecValidator(dict(document.content)).iter_errors()
    return [f"{'/'.join(map(str, e.absolute_path)) or '(somewhere)'}: {e.message}" for e in errors]


def examples_against_their_schema(document: Document) -> list[str]:
    return list(wrong_examples(document.components, document.schemas()))


def wrong_examples(components: Mapping[str, Schema], places: Iterator[Place]) -> Iterator[str]:
    """Examples and defaults that their own schema refuses."""
    for where, schema in places:
        values = [*schema.get("examples", ()), *(schema[k] for k in ("example", "default") if k in schema)]
        for example in values:
            whole = {**schema, "components": {"schemas": components}}
            checker = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
            yield from (f"{where}: {e.message[:200]}" for e in checker.iter_errors(example))


def missing_metadata(document: Document) -> list[str]:
    info, servers = document.content.get("info", {}), document.content.get("servers", [])
    found = []
    if not VERSION.fullmatch(info.get("version", "")):
        found.append(f"info.version: {info.get('version')!r} is no version like 1.2.3")
    if not info.get("description"):
        found.append("info.description: missing")
    if not servers:
        found.append("servers: none")
    found += [f"server {s.get('url')}: without description" for s in servers if not s.get("description")]
    return found


def cited_rule_numbers(document: Document) -> list[str]:
    return list(rule_numbers_in(document.content))


def rule_numbers_in(node: Any, where: str = "") -> Iterator[str]:
    """Texts of a document that send their reader to a rule that is defined elsewhere."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _TEXTS and isinstance(value, str):
                yield from (f"{where}/{key}: {number}" for number in RULE_NUMBER.findall(value))
            else:
                yield from rule_numbers_in(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from rule_numbers_in(value, f"{where}/{index}")


def places_in(schemas: Mapping[str, Schema]) -> Iterator[Place]:
    """All schemas in a collection of components."""
    for name, schema in schemas.items():
        yield from inside(Place(name, schema))
