"""Every golden sample through the models, and the models against the last release."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from contracts.asyncapi import document, incompatibilities, released_schemas, sample_text, schemas
from contracts.topics import KINDS, TOPICS

KIND_NAMES = sorted(KINDS)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_golden_sample_reads_and_writes_back_unchanged(kind: str) -> None:
    text = sample_text(kind)
    snapshot = msgspec.json.decode(text, type=KINDS[kind].model)
    assert json.loads(msgspec.json.encode(snapshot)) == json.loads(text)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_golden_sample_satisfies_the_published_schema(kind: str) -> None:
    schema = {
        "$ref": f"#/components/schemas/{KINDS[kind].model.__name__}",
        "components": {"schemas": schemas()},
    }
    Draft202012Validator(schema).validate(json.loads(sample_text(kind)))


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_reader_ignores_fields_that_a_later_version_adds(kind: str) -> None:
    payload = json.loads(sample_text(kind)) | {"added_later": {"anything": [1]}}
    msgspec.json.decode(json.dumps(payload), type=KINDS[kind].model)


def test_schemas_are_compatible_with_the_last_release() -> None:
    assert incompatibilities(released_schemas(), schemas()) == []


def test_the_compatibility_check_sees_removed_retyped_and_required_fields() -> None:
    changed = deepcopy(released_schemas())
    order = changed["SalesOrder"]
    del order["properties"]["status"]
    order["properties"]["no"] = {"type": "integer"}
    order["required"].append("ship_to_code")
    del changed["Vendor"]
    found = incompatibilities(released_schemas(), changed)
    assert sorted(f.split(":")[0] for f in found) == [
        "SalesOrder.no",
        "SalesOrder.ship_to_code",
        "SalesOrder.status",
        "Vendor",
    ]


def test_every_kind_travels_on_a_registered_topic_and_every_topic_has_a_kind() -> None:
    assert {k.topic for k in KINDS.values()} == set(TOPICS)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_number_of_a_kind_is_made_of_fields_that_its_snapshot_always_has(kind: str) -> None:
    snapshot = msgspec.json.decode(sample_text(kind), type=KINDS[kind].model)
    without = {"company", "planning-setup"}
    assert (KINDS[kind].number_of(snapshot) is None) == (kind in without)


def test_kinds_that_share_a_topic_have_prefixed_keys() -> None:
    for topic in TOPICS:
        sharing = [k for k in KINDS.values() if k.topic == topic]
        assert len(sharing) == 1 or all(k.prefixed for k in sharing), topic


def test_asyncapi_document_in_docs_is_the_generated_one() -> None:
    committed = Path(__file__).parents[2] / "docs" / "asyncapi.json"
    assert json.loads(committed.read_text()) == json.loads(json.dumps(document()))
