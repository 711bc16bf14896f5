"""The list of mails, the same in every service that sends some."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from fastapi import APIRouter
from msgspec import Meta
from sqlalchemy import select
from starlette.responses import Response

from contracts.fields import NoOrBlank, choice
from httpkit.auth import requires
from httpkit.bodies import Filters
from httpkit.lists import Columns, Listing, PageFilters
from httpkit.openapi import answers
from httpkit.reads import ReadMany
from mailkit import mails
from mailkit.mails import MAILS, MailAnswer

TAG: Final = "mails"
_LISTING: Final = Listing(
    query=select(*MAILS.columns),
    key=(MAILS.c.queued_at, MAILS.c.id),
    item=mails.answer,
    columns=Columns({**MAILS.c}),
)


class MailFilters(PageFilters, frozen=True, kw_only=True):
    """Filters of the list of mails."""

    sorts: ClassVar = ("queued_at", "no")

    no: Annotated[NoOrBlank, Meta(description="Of this document.", examples=["P-1001"])] = ""
    status: Annotated[
        str,
        choice("", "queued", "sent", "failed"),
        Meta(description='With this status; "" for any.', examples=["failed"]),
    ] = ""


def mail_routes(*scopes: str) -> APIRouter:
    """The route, open to callers with one of these scopes."""
    router = APIRouter(prefix="/v1/mails", tags=[TAG])

    @router.get("", responses=answers(MailAnswer, items=True), dependencies=[requires(*scopes)])
    async def list_mails(reading: ReadMany, page: Filters[MailFilters]) -> Response:
        """List the mails of this service in the order in which they were queued, with what became of each."""
        return await reading.page(page, _LISTING)

    return router
