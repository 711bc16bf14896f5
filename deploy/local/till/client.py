"""What a till asks the POS gateway, and how it numbers its transactions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.local.client import REQUEST_TIMEOUT_S, Api
from deploy.local.till.state import TillState, save_state

FOUND_MAX: Final = 50


class TillClient:
    """One terminal; `sign_on` comes first."""

    def __init__(self, url: str, state: TillState, file: Path) -> None:
        self._url = url
        self._https: list[httpx.AsyncClient] = []
        self._file = file
        self._api: Api | None = None
        self.state = state

    async def sign_on(self, worker_id: str, pin: str) -> None:
        """Trade the terminal's secret for a token and sign the worker on; raises `Refused` for a wrong PIN."""
        state = self.state
        terminal = await self._as("").post(
            "/terminals/token", {"terminal_no": state.terminal_no, "secret": state.secret}
        )
        session = await self._as(terminal["access_token"]).post(
            "/sessions", {"worker_id": worker_id, "pin": pin}
        )
        self._api = self._as(session["access_token"])

    async def find(self, what: str, query: str) -> list[dict[str, Any]]:
        """`customers` or `items` that match."""
        found = await self._signed_on.get(f"/{what}", query=query, limit=FOUND_MAX)
        return list(found["items"])

    async def orders(self, order_no: str = "", *, ready: bool = False) -> list[dict[str, Any]]:
        """The newest orders of the store, or those that a number finds; `ready`: whose goods are there."""
        filters: dict[str, Any] = ({"order_no": order_no} if order_no else {}) | (
            {"ready": True} if ready else {}
        )
        return list((await self._signed_on.get("/customer-orders", limit=FOUND_MAX, **filters))["items"])

    async def order(self, no: str) -> dict[str, Any]:
        """The order with this confirmation number."""
        return dict(await self._signed_on.get(f"/customer-orders/{no}"))

    async def timeline(self, no: str) -> list[dict[str, Any]]:
        """What happened to an order, the oldest first."""
        return list((await self._signed_on.get(f"/customer-orders/{no}/timeline"))["items"])

    async def invoices(self, no: str) -> list[dict[str, Any]]:
        """The posted invoices of an order."""
        return list((await self._signed_on.get(f"/customer-orders/{no}/invoices"))["items"])

    async def try_out(self, path: str, body: Mapping[str, Any], version: int | None = None) -> dict[str, Any]:
        """What a transaction would come to; nothing is kept and no number is used."""
        body = {**self._identity(self.state.sequence + 1), **body}
        answer = await self._signed_on.send(
            "POST", f"{path}?dry_run=true", json=body, headers=_expects(version)
        )
        return dict(answer.json())

    async def send(self, path: str, body: Mapping[str, Any], version: int | None = None) -> dict[str, Any]:
        """A transaction under the next number. Its key is its number: sent again it is the same transaction."""
        sequence = self.state.next_sequence(_today())
        save_state(self._file, self.state)
        identity = self._identity(sequence)
        key = f"{self.state.terminal_no}-{self.state.business_date}-{sequence}"
        headers = {"Idempotency-Key": key, **_expects(version)}
        return dict(
            (await self._signed_on.send("POST", path, json={**identity, **body}, headers=headers)).json()
        )

    async def close(self) -> None:
        """Close the connections of all tills."""
        for http in self._https:
            await http.aclose()

    def _identity(self, sequence: int) -> dict[str, Any]:
        return {
            "transaction": {
                "store_no": self.state.store_no,
                "terminal_no": self.state.terminal_no,
                "business_date": _today().isoformat(),
                "sequence": sequence,
            },
            "occurred_at": datetime.now(UTC).isoformat(),
        }

    @property
    def _signed_on(self) -> Api:
        if self._api is None:
            raise RuntimeError("sign on first")
        return self._api

    def _as(self, token: str) -> Api:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        http = httpx.AsyncClient(base_url=self._url, headers=headers, timeout=REQUEST_TIMEOUT_S)
        self._https.append(http)
        return Api(http, OrderedDict())


def _expects(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _today() -> Any:
    return datetime.now(UTC).date()
