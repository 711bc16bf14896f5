"""What an API document must be like: each check is a function that returns what it finds wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.contract.findings import answers, events, operations, parameters, schemas, validity
from tests.contract.findings.document import Document

OpenapiCheck = Callable[[Document], list[str]]

OPENAPI_CLAIMS: Final[Mapping[str, OpenapiCheck]] = {
    "the document is valid OpenAPI 3.1": validity.violations_of_openapi,
    "every example and default satisfies its schema": validity.examples_against_their_schema,
    "the document names a server and its version": validity.missing_metadata,
    "no text cites a rule number": validity.cited_rule_numbers,
    "every operation is described": operations.without_description,
    "every operation id is a verb phrase": operations.ids_that_are_no_verb_phrase,
    "every operation id is unique": operations.ids_used_twice,
    "every operation has a described tag": operations.without_described_tag,
    "every secured operation names its scopes and answers 401 and 403": operations.incomplete_security,
    "every parameter is described": parameters.without_description,
    "every parameter has an example": parameters.without_example,
    "headers that must be sent are required": parameters.headers_not_required,
    "every body has a schema": schemas.bodies_without_schema,
    "every property has a type": schemas.properties_without_type,
    "every property is described": schemas.properties_without_description,
    "every property has an example": schemas.properties_without_example,
    "an enumeration in a request is one in its answer": schemas.enumerations_lost_in_answers,
    "every schema is described": schemas.without_description,
    "every body has an example": schemas.bodies_without_example,
    "every answer documents its headers": answers.missing_headers,
    "every refusal is a problem document": answers.refusals_of_another_type,
    "every status fits the request": answers.statuses_that_do_not_fit,
}

ASYNCAPI_CLAIMS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    "the document is valid AsyncAPI 3.0": events.violations_of_asyncapi,
    "every example and default satisfies its schema": events.examples_against_their_schema,
    "no text cites a rule number": events.cited_rule_numbers,
    "every property and header is described": events.properties_without_description,
    "every property and header has an example": events.properties_without_example,
    "every schema and message is described": events.without_description,
    "every operation is described": events.operations_without_description,
}
