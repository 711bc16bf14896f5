"""A small client of Koppel's HTTP APIs: tokens, idempotency keys, and reading one's own writes over services.

Used by the demo, the CSV import and the end-to-end tests; it knows HTTP conventions, no business.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from deploy.local.settings import SERVICES

T = TypeVar("T")

REMEMBERED_VERSIONS = 40
"""How many versions a client sends as `Koppel-After`: the newest ones matter, and headers are bounded."""
REQUEST_TIMEOUT_S = 30.0
BEHIND = "copy-not-there-yet"
COPIES_DEADLINE_S = 20.0
"""How long a service is asked again that answers so; each time it has waited some seconds itself."""
ASKED_AGAIN_S = 0.2


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the client
    """The service answered with a problem document."""

    def __init__(self, method: str, path: str, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        reasons = "; ".join(f"{e.get('pointer', '')} {e['code']}" for e in problem.get("errors", []))
        super().__init__(f"{method} {path}: {status} {self.code}: {problem.get('detail', '')} [{reasons}]")


class Api:
    """One service; every answer's `Koppel-Seen` is remembered and sent along to the next service asked.

    `keeping`: master data that is there already is left as it is.
    """

    def __init__(
        self, http: httpx.AsyncClient, seen: OrderedDict[str, int], *, keeping: bool = False
    ) -> None:
        self._http = http
        self._seen = seen
        self._keeping = keeping

    @property
    def url(self) -> str:
        """The root address of the service."""
        return str(self._http.base_url)

    async def get(self, path: str, **params: Any) -> Any:
        """The resource; raises `Refused` for any problem."""
        return (await self.send("GET", path, params=params)).json()

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create or change master data."""
        if self._keeping and (known := await self._known(path)) is not None:
            return known
        return (await self.send("PUT", path, json=body)).json()

    async def _known(self, path: str) -> Any:
        """The record, None if there is none yet; settings that were never entered have version 0."""
        try:
            found = await self.get(path)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        return found if found.get("version") else None

    async def patch(self, path: str, body: Mapping[str, Any], **headers: str) -> Any:
        """Change the named fields of a document."""
        return (await self.send("PATCH", path, json=body, headers=headers)).json()

    async def delete(self, path: str) -> None:
        """Delete a document; raises `Refused` for any problem."""
        await self.send("DELETE", path)

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, wait_s: float = 0, **headers: str
    ) -> Any:
        """Do an act under a fresh idempotency key; `wait_s` waits for one that ends in another service."""
        extra = {"Idempotency-Key": str(uuid4()), **headers}
        if wait_s:
            extra["Prefer"] = f"wait={wait_s:g}"
        return (await self.send("POST", path, json=body if body is not None else {}, headers=extra)).json()

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Any request; raises `Refused` unless the answer is 2xx.

        A service that has not heard yet of what was seen elsewhere is asked again, under the same key.
        """
        end = time.monotonic() + COPIES_DEADLINE_S
        while True:
            try:
                return await self._sent(method, path, **request)
            except Refused as refused:
                if refused.code != BEHIND or time.monotonic() > end:
                    raise
            await asyncio.sleep(ASKED_AGAIN_S)

    async def _sent(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = dict(request.pop("headers", {}))
        if self._seen:
            headers["Koppel-After"] = ", ".join(f"{k}@{v}" for k, v in self._seen.items())
        response = await self._http.request(method, f"/v1{path}", headers=headers, **request)
        self._remember(response.headers.get("Koppel-Seen", ""))
        if response.is_success:
            return response
        raise Refused(method, path, response.status_code, _problem(response))

    def _remember(self, header: str) -> None:
        for entry in filter(None, (e.strip() for e in header.split(","))):
            aggregate, _, version = entry.rpartition("@")
            self._seen[aggregate] = max(int(version), self._seen.get(aggregate, 0))
            self._seen.move_to_end(aggregate)
        while len(self._seen) > REMEMBERED_VERSIONS:
            self._seen.popitem(last=False)


class Koppel:
    """The four services behind one token; `async with Koppel(urls, token) as koppel`.

    `keeping`: for adding to a company without changing what it has.
    """

    def __init__(self, urls: Mapping[str, str], token: str, *, keeping: bool = False) -> None:
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._https = {
            name: httpx.AsyncClient(
                base_url=urls[name],
                headers={"Authorization": f"Bearer {token}"},
                timeout=REQUEST_TIMEOUT_S,
            )
            for name in SERVICES
        }
        self.sales, self.purchasing, self.planning, self.pos = (
            Api(self._https[name], self._seen, keeping=keeping) for name in SERVICES
        )

    def till(self, token: str) -> Api:
        """The POS gateway as a till (terminal and worker of `token`) sees it."""
        http = httpx.AsyncClient(
            base_url=self._https["pos_gateway"].base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=REQUEST_TIMEOUT_S,
        )
        self._https[f"till {len(self._https)}"] = http
        return Api(http, self._seen)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for http in self._https.values():
            await http.aclose()


async def until(
    read: Callable[[], Awaitable[T]],
    holds: Callable[[T], bool],
    *,
    deadline_s: float = 30,
    every_s: float = 0.01,
) -> T:
    """Read until the condition holds; raises `TimeoutError` with the last value seen."""
    end = time.monotonic() + deadline_s
    while True:
        value = await read()
        if holds(value):
            return value
        if time.monotonic() > end:
            message = f"not reached within {deadline_s} s; last seen: {value}"
            raise TimeoutError(message)
        await asyncio.sleep(every_s)


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {"code": "not-json", "detail": response.text[:500]}
    return body if isinstance(body, dict) else {"code": "not-a-problem", "detail": str(body)[:500]}
