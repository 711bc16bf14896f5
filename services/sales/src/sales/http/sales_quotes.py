"""Sales quotes over HTTP: the document, its lines, and the order that it becomes."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts import fields
from httpkit.acts import DocumentAct
from httpkit.lists import Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from sales.domain.orders.commands import MakeOrder
from sales.domain.quotes.quote import SalesQuoteStatus
from sales.http.answers.orders import (
    SalesOrderAnswer,
    SalesQuoteAnswer,
    sales_order_answer,
    sales_quote_answer,
)
from sales.http.resources import SALES_ORDER, SALES_QUOTE
from sales.http.sales_documents import (
    WRITE,
    DocumentRoutes,
    SalesDocumentFilters,
    acts_of,
    add_routes,
    listing_of_type,
)
from sales.store import documents
from sales.use_cases.make_orders import make_orders
from sales.use_cases.sales_documents import QUOTES

router = APIRouter(prefix="/v1/sales-quotes", tags=["sales quotes"])


class SalesQuoteFilters(SalesDocumentFilters, frozen=True, kw_only=True):
    """Filters of the list of quotes."""

    status: Several[SalesQuoteStatus] = ()
    sales_order_no: Several[fields.SalesOrderNo] = ()


_ROUTES: Final = DocumentRoutes(
    noun="quote",
    name="sales_quote",
    line_name="sales_quote_line",
    creating="Make a quote by the rules of orders; nothing is bought or shipped for it.",
    changing_a_line="Change a line of an open quote.",
    resource=SALES_QUOTE,
    answer=SalesQuoteAnswer,
    present=sales_quote_answer,
    filters=SalesQuoteFilters,
    listing=listing_of_type(documents.QUOTE, sales_quote_answer),
    acts=acts_of(QUOTES),
)
add_routes(router, _ROUTES)


@router.post(
    "/{no}/make-order",
    status_code=201,
    responses=answers(SalesOrderAnswer, 201, refuses=[404, 409]),
    dependencies=WRITE,
)
async def make_order_of_sales_quote(act: DocumentAct, no: DocumentNo) -> Response:
    """Make the quote an open sales order, once; purchasing codes and flags of its lines go with it."""
    outcome = await act.run(make_orders, MakeOrder(no), resource=SALES_ORDER, present=sales_order_answer)
    return await act.answer(outcome)
