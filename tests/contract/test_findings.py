"""The checks of API documents pass a good document and see each fault."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.contract.findings import ASYNCAPI_CLAIMS, OPENAPI_CLAIMS
from tests.contract.findings.document import Document
from tests.contract.good_document import good_document
from tests.contract.published import asyncapi

Faults = dict[str, Callable[[Any], object]]


def create(document: Any) -> Any:
    return document["paths"]["/v1/notes"]["post"]


def change(document: Any) -> Any:
    return document["paths"]["/v1/notes/{no}"]["patch"]


def note(document: Any) -> Any:
    return document["components"]["schemas"]["Note"]


def request_schema(document: Any) -> Any:
    return create(document)["requestBody"]["content"]["application/json"]


FAULTS: Faults = {
    "the document is valid OpenAPI 3.1": lambda d: create(d)["responses"]["201"].pop("description"),
    "every example and default satisfies its schema": lambda d: note(d).update(default={"title": 7}),
    "the document names a server and its version": lambda d: d.pop("servers"),
    "no text cites a rule number": lambda d: note(d).update(description="As BC-SO-15 says."),
    "every operation is described": lambda d: create(d).update(description="Scope: `notes:write`."),
    "every operation id is a verb phrase": lambda d: create(d).update(operationId="note_create"),
    "every operation id is unique": lambda d: create(d).update(operationId="list_notes"),
    "every operation has a described tag": lambda d: d["tags"][0].pop("description"),
    "every secured operation names its scopes and answers 401 and 403": lambda d: create(d).update(
        security=[{"bearer": []}]
    ),
    "every parameter is described": lambda d: create(d)["parameters"][0].pop("description"),
    "every parameter has an example": lambda d: create(d)["parameters"][0]["schema"].pop("examples"),
    "headers that must be sent are required": lambda d: create(d)["parameters"][0].update(required=False),
    "every body has a schema": lambda d: request_schema(d).update(schema={}),
    "every property has a type": lambda d: note(d)["properties"]["title"].pop("type"),
    "every property is described": lambda d: note(d)["properties"]["title"].pop("description"),
    "every property has an example": lambda d: note(d)["properties"]["title"].pop("examples"),
    "an enumeration in a request is one in its answer": lambda d: request_schema(d).update(
        schema={"type": "object", "properties": {"title": {"enum": ["a"]}}}
    ),
    "every schema is described": lambda d: note(d).pop("description"),
    "every body has an example": lambda d: request_schema(d).update(schema={"type": "string"}),
    "every answer documents its headers": lambda d: create(d)["responses"]["201"]["headers"].pop("ETag"),
    "every refusal is a problem document": lambda d: create(d)["responses"]["401"].pop("content"),
    "every status fits the request": lambda d: change(d)["responses"].pop("412"),
}

EVENT_FAULTS: Faults = {
    "the document is valid AsyncAPI 3.0": lambda d: d["info"].pop("title"),
    "every example and default satisfies its schema": lambda d: order(d).update(examples=[{"no": 7}]),
    "no text cites a rule number": lambda d: order(d).update(description="As BC-SO-15 says."),
    "every property and header is described": lambda d: order(d)["properties"].update(new={"enum": ["a"]}),
    "every property and header has an example": lambda d: order(d)["properties"].update(
        new={"type": "string", "description": "New."}
    ),
    "every schema and message is described": lambda d: order(d).pop("description"),
    "every operation is described": lambda d: d["operations"].update(new={"action": "send"}),
}


def order(document: Any) -> Any:
    return document["components"]["schemas"]["SalesOrder"]


@pytest.mark.parametrize("claim", OPENAPI_CLAIMS)
def test_a_good_document_holds_every_claim(claim: str) -> None:
    assert OPENAPI_CLAIMS[claim](Document(good_document())) == []


@pytest.mark.parametrize("claim", OPENAPI_CLAIMS)
def test_a_fault_is_found(claim: str) -> None:
    document = good_document()
    FAULTS[claim](document)
    assert len(OPENAPI_CLAIMS[claim](Document(document))) > 0


@pytest.mark.parametrize("claim", ASYNCAPI_CLAIMS)
def test_one_more_fault_among_the_events_is_found(claim: str) -> None:
    found = ASYNCAPI_CLAIMS[claim](asyncapi())
    faulty = deepcopy(asyncapi())
    EVENT_FAULTS[claim](faulty)
    assert len(ASYNCAPI_CLAIMS[claim](faulty)) > len(found)
