"""Whatever is asked, the answer is one that the API document names: its status, its type, its schema, its headers."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Final

import httpx
import pytest
import requests
from schemathesis.checks import CheckFunction
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract import not_yet
from tests.integration.api.generated import AnyCase, generated_cases
from tests.integration.api.served import AnyService

CHECKS: Final[list[CheckFunction]] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OWN_HEADERS: Final = ("etag", "location", "koppel-seen", "idempotency-replayed", "link", "retry-after")
"""What callers build on must be documented where it is sent."""
BASE_URL: Final = "http://service"


async def test_every_answer_is_a_documented_one(served: AnyService) -> None:
    document = await served.document()
    wrong: Counter[str] = Counter()
    sent = 0
    for case in generated_cases(document, served.existing()):
        answer = await send(served, case)
        sent += 1
        wrong.update(differences(case, answer))
    assert sent > len(list(document.operations()))
    if wrong and served.module in not_yet.ANSWERED:
        sys.stdout.writelines(f"{served.module}: {times} × {each}\n" for each, times in wrong.most_common())
        pytest.skip(f"{served.module} not yet: {len(wrong)} findings in {sent} requests")
    assert wrong == {}


async def send(served: AnyService, case: AnyCase) -> httpx.Response:
    """Send the request as it is, but with a valid token."""
    request = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
    sent = {name: str(value) for name, value in request.headers.items() if name.lower() != "content-length"}
    headers = httpx.Headers(sent, encoding="latin-1")
    headers["Authorization"] = f"Bearer {served.token()}"
    content = request.body.encode() if isinstance(request.body, str) else request.body
    assert content is None or isinstance(content, bytes)
    return await served.client.request(
        request.method or "", request.url or "", headers=headers, content=content
    )


def differences(case: AnyCase, answer: httpx.Response) -> list[str]:
    """How the answer is not as documented, each in a line."""
    place = f"{case.method} {case.operation.path}: {answer.status_code}"
    found = [f"{place}: 500 for {case.as_curl_command()}"] if answer.status_code == 500 else []
    documented = (
        case.operation.definition.raw["responses"].get(str(answer.status_code), {}).get("headers", {})
    )
    names = {name.lower() for name in documented}
    found += [f"{place} with {h}" for h in OWN_HEADERS if h in answer.headers and h not in names]
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        found += [f"{place}: {_first_lines(failure)}" for failure in group.exceptions]
    return found


def _first_lines(failure: BaseException) -> str:
    return " ".join(str(failure).split())[:300]
