"""Every route of every service needs the scope that docs/api.md gives to what it does."""

from __future__ import annotations

from typing import Final

import pytest

from tests.contract.findings.document import Operation
from tests.contract.published import SERVICES, openapi_of

WORD_OF: Final = {"pos_gateway": "pos"}
"""What stands before the colon of a service's scopes, where it is not the service's name."""

OPEN: Final = ("/health/live", "/health/ready", "/metrics", "/v1/terminals/token")
"""Routes without a token: those of the platform, and the one that gives a terminal its first."""

ALIKE: Final = dict.fromkeys(OPEN, ()) | {"/v1/audit": ("audit:read",)}
"""Routes that need the same in every service."""

# What no token of `…:write` may do: set-up that changes how a whole company works, and jobs.
MANAGED: Final = {
    "sales": (
        "PUT /v1/company",
        "PUT /v1/sales-setup",
        "PUT /v1/exchange-rates/{currency}/{day}",
        "PUT /v1/number-series/{code}",
        "POST /v1/order-synchronization/run",
    ),
    "purchasing": ("PUT /v1/purchasing-setup", "PUT /v1/number-series/{code}"),
    "planning": ("PUT /v1/planning-setup", "PUT /v1/number-series/{code}"),
    "pos_gateway": (),
}
POSTED: Final = {
    "sales": (
        "POST /v1/sales-orders/{no}/post",
        "POST /v1/sales-invoices/{no}/post",
        "POST /v1/sales-return-orders/{no}/post",
        "POST /v1/posted-sales-shipments/{no}/undo",
        "POST /v1/shipments",
        "POST /v1/posted-sales-invoices/{no}/correct",
    ),
    "purchasing": (
        "POST /v1/purchase-invoices/{no}/post",
        "POST /v1/purchase-orders/{no}/post",
        "POST /v1/posted-purchase-receipts/{no}/undo",
    ),
    "planning": (),
    "pos_gateway": (),
}
REALLOCATED: Final = "POST /v1/sales-orders/{no}/lines/{line_no}/reallocate"
SUBMITTED: Final = (
    "POST /v1/channel-transactions",
    "POST /v1/channel-transactions/{transaction_id}/acts",
)

# Of the gateway: a till and an administrator read; who takes orders is at a till; all else is set-up or a job.
TILLS_READ: Final = (
    "/v1/customer-orders",
    "/v1/customers",
    "/v1/items",
    "/v1/stores",
    "/v1/commerce-parameters",
    "/v1/terminals/{no}/",
)
TILLS_ACT: Final = (
    "POST /v1/approvals",
    "POST /v1/customer-orders",
    "POST /v1/returns",
    "POST /v1/sessions",
    "POST /v1/transaction-batches",
)
OF_AN_ORDER: Final = "/v1/customer-orders/{confirmation_no}/"
"""Acts of tills."""
ALSO_BY_SERVICES: Final = (
    "DELETE /v1/sessions/{id}",
    "GET /v1/payment-instructions",
    "POST /v1/payment-instructions/{id}/confirm",
)
"""What a till does, and an administrator or another service too."""


def routes() -> list[tuple[str, Operation]]:
    """Every route with its service."""
    return [(service, operation) for service in SERVICES for operation in openapi_of(service).operations()]


def needed_by(service: str, route: Operation) -> set[str]:
    """The scopes of which docs/api.md asks for one; none: the route is open."""
    word = WORD_OF.get(service, service)
    if route.path in ALIKE:
        return set(ALIKE[route.path])
    if route.path.startswith("/v1/parked"):
        return {"ops:read", "ops:manage"} if route.method == "get" else {"ops:manage"}
    if route.path == "/v1/operations":
        return {f"{word}:read", "ops:read", "ops:manage"}
    if route.path.startswith(("/v1/operations/", "/v1/copies/")):
        return {f"{word}:{may}" for may in ("read", "write", "post", "manage")} | {"ops:read", "ops:manage"}
    if service == "pos_gateway":
        return _needed_by_gateway(route)
    return {"channel:submit"} if str(route) in SUBMITTED else {f"{word}:{_may(service, route)}"}


def _may(service: str, route: Operation) -> str:
    if str(route) in MANAGED[service]:
        return "manage"
    if str(route) == REALLOCATED:
        return "reallocate"
    if str(route) in POSTED[service]:
        return "post"
    return "read" if route.method == "get" else "write"


def _needed_by_gateway(route: Operation) -> set[str]:
    if str(route) in TILLS_ACT:
        return {"pos:terminal"}
    if route.method == "get" and route.path.startswith(TILLS_READ):
        return {"pos:terminal", "pos:manage"}
    if route.path.startswith(OF_AN_ORDER):
        return {"pos:terminal"}
    return {"pos:terminal", "pos:manage"} if str(route) in ALSO_BY_SERVICES else {"pos:manage"}


@pytest.mark.parametrize(("service", "route"), routes(), ids=str)
def test_a_route_needs_the_scope_of_what_it_does(service: str, route: Operation) -> None:
    """A new route is read, written, posted or, where it stands in the lists above, set-up or a job."""
    assert set(route.scopes) == needed_by(service, route)


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_listed_exists(service: str) -> None:
    exist = {str(route) for its, route in routes() if its == service}
    listed = {*MANAGED[service], *POSTED[service], *(TILLS_ACT if service == "pos_gateway" else ())}
    assert listed <= exist
