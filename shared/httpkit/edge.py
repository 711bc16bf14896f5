"""The former way into use cases, for routers that are not converted yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select
from starlette.requests import Request
from starlette.responses import Response

from eventkit.context import Context
from httpkit import acts, idempotency, preconditions
from httpkit.acts import ActRequest
from httpkit.answers import Resource, Show
from httpkit.auth import caller_of
from httpkit.commands import CommandRunner, UseCase
from httpkit.headers import header_of
from httpkit.idempotency import Key
from httpkit.limits import Limits
from httpkit.lists import Page
from httpkit.reads import ReadRequest
from httpkit.responses import Resource as Kind
from recordkit.commands import Command, Done

__all__ = ["Edge", "Limits", "Resource", "Show", "UseCase"]

Status = int | Callable[[Done], int]


class Edge(CommandRunner):
    """See `httpkit.acts` for what replaces it."""

    async def act(  # noqa: PLR0913
        self,
        request: Request,
        use_case: UseCase,
        data: Any,
        *,
        show: Show | None = None,
        status: Status = 200,
        location: str | None = None,
        dry_run: bool = False,
        expect_version: bool = True,
    ) -> Response:
        """Run and answer one act."""
        await self.copies.wait_for(header_of(request, "koppel-after"))
        expected = preconditions.expected_version(header_of(request, "if-match")) if expect_version else None
        act = ActRequest(
            request,
            key=None if dry_run else await self._key(request),
            expected_version=expected,
            wait_s=preconditions.preferred_wait_s(header_of(request, "prefer")),
            dry_run=dry_run,
        )
        kind = None if show is None and location is None else Kind("", show or _nothing, location or "")
        outcome = await act.run(use_case, data, resource=kind, status=None if status == 200 else status)  # noqa: PLR2004
        return await act.answer(outcome)

    async def carry_out(self, use_case: UseCase, command: Command[Any]) -> Done:
        """See `CommandRunner.execute`."""
        return await self.execute(use_case, command)

    async def replay_request(self, request: Request, *, show: Show | None = None) -> Response | None:
        """The answer that the request's Idempotency-Key got before; None if the key is new."""
        act = ActRequest(request, key=await self._key(request))
        outcome = await act.replay(Kind("", show or _nothing))
        return None if outcome is None else await act.answer(outcome)

    async def show(self, request: Request, show: Show, no: str, thing: str) -> Response:
        """GET of one resource."""
        await self.copies.wait_for(header_of(request, "koppel-after"))
        return await ReadRequest(request, header_of(request, "if-none-match")).one(Kind(thing, show), no)

    async def listing(  # noqa: PLR0913
        self,
        request: Request,
        page: Page,
        query: Select[Any],
        *,
        key: Sequence[Any],
        body: Callable[[Any], Any],
        updated: Any = None,
        descending: bool = False,
    ) -> Response:
        """GET of many."""
        await self.copies.wait_for(header_of(request, "koppel-after"))
        return await ReadRequest(request).page(
            page, query, key=key, item=body, updated=updated, descending=descending
        )

    def context(self, request: Request) -> Context:
        """Who asks, and the trace and correlation of the request."""
        return acts.context_of(request)

    async def _key(self, request: Request) -> Key | None:
        if request.method not in {"POST", "PATCH"}:
            return None
        header = header_of(request, "idempotency-key")
        if header is None and request.method == "POST":
            raise idempotency.missing_key()
        principal = caller_of(request)
        return await idempotency.key_of(request, header, principal.caller if principal else "")


async def _nothing(*_: Any) -> None:
    return None
