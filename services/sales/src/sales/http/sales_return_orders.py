"""Sales return orders over HTTP: the document, its lines, and posting it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from httpkit.acts import DocumentAct
from httpkit.bodies import Body
from httpkit.lists import Several
from httpkit.openapi import answers
from httpkit.paths import DocumentNo
from sales.domain.posting.commands import PostingOptions
from sales.domain.returns.commands import NewReturnLine, NewReturnOrder, ReturnLineChanges
from sales.domain.returns.return_order import SalesReturnStatus
from sales.http.answers.orders import SalesReturnAnswer, sales_return_answer
from sales.http.answers.posted_documents import ReturnPostingAnswer, return_posting_answer
from sales.http.resources import SALES_RETURN
from sales.http.sales_documents import (
    POST,
    DocumentRoutes,
    SalesDocumentFilters,
    acts_of,
    add_routes,
    listing_of_type,
    posting_of,
)
from sales.store import documents
from sales.use_cases.post_sales_returns import post_sales_returns
from sales.use_cases.sales_returns import RETURNS

router = APIRouter(prefix="/v1/sales-return-orders", tags=["sales return orders"])


class SalesReturnFilters(SalesDocumentFilters, frozen=True, kw_only=True):
    """Filters of the list of return orders."""

    status: Several[SalesReturnStatus] = ()


_ROUTES: Final = DocumentRoutes(
    noun="return order",
    name="sales_return_order",
    line_name="sales_return_line",
    creating="Make a return order. A line that names a posted invoice line takes item, unit and price from it.",
    changing_a_line="Change a line of an open return order; another invoice line brings its price along.",
    resource=SALES_RETURN,
    answer=SalesReturnAnswer,
    present=sales_return_answer,
    filters=SalesReturnFilters,
    listing=listing_of_type(documents.RETURN, sales_return_answer),
    acts=acts_of(RETURNS),
    new=NewReturnOrder,
    new_line=NewReturnLine,
    line_changes=ReturnLineChanges,
)
add_routes(router, _ROUTES)


@router.post("/{no}/post", responses=answers(ReturnPostingAnswer, refuses=[404, 409]), dependencies=POST)
async def post_sales_return_order(
    request: Request, act: DocumentAct, no: DocumentNo, body: Body[PostingOptions]
) -> Response:
    """Receive the goods into the lines' locations and credit them at the price of their invoices, whole or not at all.

    `ship` and `invoice` may be left out: a return order always does both.
    """
    data = posting_of(request, no, body)
    return await act.answer(await act.run(post_sales_returns, data, present=return_posting_answer))
