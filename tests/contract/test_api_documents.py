from __future__ import annotations

import pytest

from deploy.documents import rendered
from deploy.local.settings import ROOT
from tests.contract import not_yet
from tests.contract.findings import ASYNCAPI_CLAIMS, OPENAPI_CLAIMS
from tests.contract.published import SERVICES, asyncapi, openapi_of, published

OPEN_ROUTES = {"GET /health/live", "GET /health/ready", "GET /metrics", "POST /v1/terminals/token"}
"""A terminal gets its token for its secret; metrics can be closed by a setting."""


def test_published_documents_are_those_of_the_code() -> None:
    """An API never changes unseen: the difference stands in the commit. `make docs` writes them anew."""
    stale = [
        str(path.relative_to(ROOT))
        for path, document in published().items()
        if not path.exists() or path.read_text() != rendered(document)
    ]
    assert stale == [], "run `make docs` and look at the difference"


def test_every_route_but_health_and_sign_in_needs_a_token() -> None:
    operations = [o for service in SERVICES for o in openapi_of(service).operations()]
    assert {str(o) for o in operations if not o.secured} == OPEN_ROUTES


@pytest.mark.parametrize(
    ("service", "claim"), [(s, c) for s in SERVICES for c in OPENAPI_CLAIMS if s not in not_yet.DOCUMENTED]
)
def test_of_a_service(service: str, claim: str) -> None:
    assert OPENAPI_CLAIMS[claim](openapi_of(service)) == []


@pytest.mark.parametrize("claim", ASYNCAPI_CLAIMS if "asyncapi" not in not_yet.DOCUMENTED else ())
def test_of_the_events(claim: str) -> None:
    assert ASYNCAPI_CLAIMS[claim](asyncapi()) == []
