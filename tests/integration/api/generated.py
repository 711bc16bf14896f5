"""Requests that schemathesis makes of an API document: as it says, and against it; the same ones in every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.contract.findings.document import JSON, Document
from tests.contract.findings.parameters import KEY
from tests.integration.api.requests import body_of, query_of

AnyCase = Case[Any]
AnyOperation = APIOperation[Any, Any, Any, Any]

SEED: Final = 20260302
PER_STRATEGY: Final = 2
"""Requests per operation and way of making them: as documented to what exists and to anything, and against it."""


def generated_cases(document: Document, existing: Mapping[str, Mapping[str, str]]) -> Iterator[AnyCase]:
    """Cases of all operations; `existing` are path parameters that lead to something, by path."""
    for result in schemathesis.openapi.from_dict(dict(document.content)).get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.path in existing:
            yield _example(document, operation, existing[operation.path])
        yield from _taken_from(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        yield from _taken_from(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        found = existing.get(operation.path)
        if found:
            yield from _taken_from(operation.as_strategy(path_parameters=dict(found)))


def _example(document: Document, operation: AnyOperation, existing: Mapping[str, str]) -> AnyCase:
    """The request that the document's own examples make."""
    (described,) = (o for o in document.operations() if (o.method, o.path) == _address(operation))
    body = body_of(document, described)
    return operation.Case(
        path_parameters=dict(existing),
        headers={KEY: str(uuid4())} if described.parameter(KEY) else {},
        query=query_of(document, described),
        **({} if body is None else {"body": body, "media_type": JSON}),
    )


def _address(operation: AnyOperation) -> tuple[str, str]:
    return operation.method.lower(), operation.path


def _taken_from(strategy: SearchStrategy[AnyCase]) -> list[AnyCase]:
    """Some cases, made without sending them: what is generated must not depend on what is answered."""
    cases: list[AnyCase] = []

    @seed(SEED)
    @settings(
        max_examples=PER_STRATEGY,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(case: AnyCase) -> None:
        cases.append(case)

    with suppress(Unsatisfiable):  # what takes nothing cannot be given something wrong
        take()
    return cases
