"""Any of the four services in this process, with something to ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contracts.pos import GATEWAY_ISSUER
from deploy.signing import SCOPES
from mailkit.settings import MailingSettings
from pos_gateway.settings import GatewaySettings
from sales.settings import SalesSettings
from servicekit.service import Service
from servicekit.settings import ServiceSettings, TrustedIssuer
from tests.contract.findings.document import Document, Operation
from tests.support.service import ServiceUnderTest, settings_on
from tests.support.tokens import Issuer

GATEWAY: Final = "pos_gateway"
STORE_NO: Final = "HH1"
TERMINAL_NO: Final = "HH1-1"
WORKER_ID: Final = "W1"
_AT_TILL: Final[Mapping[str, Any]] = {
    "store_no": STORE_NO,
    "terminal_no": TERMINAL_NO,
    "terminal_version": 1,
    "worker_id": WORKER_ID,
    "pin_version": 1,
}
NO_SALES: Final = "http://127.0.0.1:9"
"""An address where no server listens: sales is down."""


@dataclass(kw_only=True, repr=False)
class AnyService(ServiceUnderTest):
    """A service whose usual token has every scope, and stands for a worker who is signed on at a terminal."""

    SCOPES: ClassVar[str] = " ".join(SCOPES)
    at_till: bool = False
    """Terminal and worker of the token are set up; before that it stands for none."""
    resources: dict[str, str] = field(default_factory=dict)
    """Paths of what exists, by their template: `/sales-orders/{no}` → `/sales-orders/S-1`."""
    _document: Document | None = None

    @property
    def module(self) -> str:
        """The service's name in Python and in file names."""
        return self.service.name.replace("-", "_")

    def token(self) -> str:
        return self.token_with(self.SCOPES)

    def token_with(self, scopes: str) -> str:
        """The usual token with other scopes."""
        if self.module != GATEWAY:
            return self.issuer.token(scopes)
        return self.issuer.token(scopes, iss=GATEWAY_ISSUER, **(_AT_TILL if self.at_till else {}))

    async def look_again(self) -> None:
        """The gateway remembers what is set up, by its revision: of an earlier test, if nothing is changed here."""
        if self.module == GATEWAY:
            profile = {"create_customer_order_in_async_mode": True}
            administrator = self.issuer.token("pos:manage", iss=GATEWAY_ISSUER)
            await self.put("/functionality-profiles/P1", profile, token=administrator)

    async def document(self) -> Document:
        """The API document as callers get it."""
        if self._document is None:
            answer = await self.client.get("/openapi.json")
            self._document = Document(answer.raise_for_status().json())
        return self._document

    def path_of(self, operation: Operation) -> str | None:
        """The operation's path with the numbers of what exists; None where nothing exists."""
        path = operation.path
        for template in sorted(self.resources, key=len, reverse=True):
            if (path + "/").startswith(f"/v1{template}/"):
                path = path.replace(f"/v1{template}", f"/v1{self.resources[template]}", 1)
                break
        return None if "{" in path else path.removeprefix("/v1")

    async def scope_of_keys(self, method: str, path: str) -> str:
        """The scope of the usual caller's keys on this path, derived from that of a key that it has used."""
        (row,) = await self.sql("SELECT scope FROM idempotency ORDER BY created_at DESC LIMIT 1")
        caller = row["scope"].rpartition("/v1")[0].rpartition(" ")[0].rpartition(" ")[0]
        return f"{caller} {method.upper()} /v1{path}"

    def existing(self) -> dict[str, dict[str, str]]:
        """The path parameters that lead to what exists, by the path of an operation."""
        found = {}
        for operation in self._document.operations() if self._document else ():
            path = self.path_of(operation)
            if path is not None:
                parts = zip(operation.path.removeprefix("/v1").split("/"), path.split("/"), strict=True)
                found[operation.path] = {name[1:-1]: value for name, value in parts if name.startswith("{")}
        return found


SETTINGS: Final[Mapping[str, type[ServiceSettings]]] = {
    "sales": SalesSettings,
    "pos_gateway": GatewaySettings,
    "purchasing": MailingSettings,
}


def built(service: str, url: str, issuer: Issuer, signing_key: Path) -> Service:
    """The service on this database; there is no broker, and the gateway finds sales down."""
    model = SETTINGS.get(service, ServiceSettings)
    more: dict[str, Any] = {}
    if service == GATEWAY:
        # One token is to be enough for every route, so an issuer says who is at a till and has every scope besides.
        anyone = TrustedIssuer(issuer=GATEWAY_ISSUER, jwks=str(issuer.jwks), scopes="*")
        more = {"signing_key_file": signing_key, "sales_url": NO_SALES, "issuers": (anyone,)}
    build: Callable[[ServiceSettings], Service] = import_module(f"{service}.app").build
    return build(settings_on(model, url, issuer, **more))


def write_signing_key(path: Path) -> Path:
    """A key for the gateway's own tokens."""
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path
