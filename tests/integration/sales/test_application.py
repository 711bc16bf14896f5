"""The application as a whole: its documentation, its readiness, what it listens to."""

from __future__ import annotations

from contracts.topics import KINDS, TOPICS
from sales.messages.subscriptions import SUBSCRIPTIONS
from sales.store.snapshots import SNAPSHOTS
from tests.integration.sales.rig import Sales


async def test_the_openapi_document_describes_every_route(sales: Sales) -> None:
    document = (await sales.client.get("/openapi.json")).json()
    assert {"/v1/sales-orders/{no}/post", "/v1/channel-transactions", "/v1/sales-lines"} <= set(
        document["paths"]
    )
    assert "SalesOrderAnswer" in document["components"]["schemas"]


def test_sales_subscribes_to_topics_that_name_it_as_consumer() -> None:
    for subscription in SUBSCRIPTIONS:
        assert "sales" in TOPICS[subscription.kind.topic].consumers


def test_every_kind_on_our_topics_can_be_published_again() -> None:
    ours = {name for name, kind in KINDS.items() if TOPICS[kind.topic].owner == "sales"}
    assert set(SNAPSHOTS) == ours
