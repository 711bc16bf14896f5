from __future__ import annotations

from deploy.documents import documents, rendered
from deploy.local.settings import ROOT

OPEN_ROUTES = {"GET /health/live", "GET /health/ready", "GET /metrics", "POST /v1/terminals/token"}
"""A terminal gets its token for its secret; metrics can be closed by a setting."""


def test_published_documents_are_those_of_the_code() -> None:
    """An API never changes unseen: the difference stands in the commit. `make docs` writes them anew."""
    stale = [
        str(path.relative_to(ROOT))
        for path, document in documents().items()
        if not path.exists() or path.read_text() != rendered(document)
    ]
    assert stale == [], "run `make docs` and look at the difference"


def test_every_route_but_health_and_sign_in_needs_a_token() -> None:
    open_routes = {
        f"{method.upper()} {path}"
        for file, document in documents().items()
        if "openapi" in file.parts
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not operation.get("security")
    }
    assert open_routes == OPEN_ROUTES
