"""Settings of a service's processes, from the environment (prefix KOPPEL_)."""

from __future__ import annotations

from pydantic import BaseModel, Field

from contracts.pos import GATEWAY_ISSUER, GATEWAY_SCOPES
from eventkit.settings import EventSettings


class TrustedIssuer(BaseModel, frozen=True, extra="forbid"):
    """An issuer of tokens: only its own keys sign for it, and its tokens have only the scopes that it may give."""

    issuer: str
    """The claim `iss` of its tokens."""
    jwks: str
    """Its public keys (JSON Web Key Set): a file or an HTTP URL, read again every half minute."""
    scopes: str
    """The scopes that it may give, separated by blanks; `*`: all."""


class ServiceSettings(EventSettings):
    """What every service needs: the settings of its events, and those of HTTP, tokens, pools and logs."""

    http_host: str = "127.0.0.1"
    """Address that `serve` and `work` listen on."""
    http_port: int = 8000
    """Port of `serve`."""
    work_http_port: int = 9000
    """Health and metrics of `work`; 0 takes a free port."""
    internal_http_port: int = 0
    """A second port of `serve`, for health and metrics alone, where the first one is public; 0: none."""
    metrics_open: bool = True
    """Whether `/metrics` on the port of `serve` needs no token; else it needs `ops:manage`."""
    docs_open: bool = True
    """Whether `/docs`, `/redoc` and `/openapi.json` are served."""
    log_level: str = "info"
    """`debug`, `info`, `warning` or `error`; `debug` says for each event what was decided."""
    reference_grace_ms: int = 1000
    """How long a request that refers to a record not yet copied here waits before it is refused."""
    stop_deadline_s: float = 10.0
    """How long a process that is asked to end may take."""
    hang_timeout_s: float = 20.0
    """A process whose event loop stands still for so long ends itself, so that it is started again; 0: never."""

    audit_retention_days: int = Field(3650, ge=30)
    """How long entries of the audit trail are kept."""

    issuers: tuple[TrustedIssuer, ...] = ()
    """Whose tokens are accepted besides the gateway's, as a JSON list."""
    gateway_jwks: str = ""
    """The POS gateway's public key, a file or an HTTP URL: it signs tokens of terminals and workers, and its own."""
    jwt_audience: str = "koppel"
    """The claim `aud` that tokens must have."""

    serve_pool_size: int = 8
    """Connections of `serve` for acts, and as many for queries."""
    work_pool_size: int = 6
    """Connections of `work` for acts, and as many for queries."""
    serve_statement_timeout_s: float = 10.0
    """The database ends a statement of `serve` after this time."""
    work_statement_timeout_s: float = 30.0
    """The database ends a statement of `work` after this time."""

    @property
    def trusted_issuers(self) -> tuple[TrustedIssuer, ...]:
        """All of them; the gateway gives the scopes of tills and of its own calls, and no others."""
        if not self.gateway_jwks:
            return self.issuers
        gateway = TrustedIssuer(
            issuer=GATEWAY_ISSUER, jwks=self.gateway_jwks, scopes=" ".join(GATEWAY_SCOPES)
        )
        return (*self.issuers, gateway)
