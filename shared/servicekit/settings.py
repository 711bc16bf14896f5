"""Settings of a service's processes, from the environment (prefix KOPPEL_)."""

from __future__ import annotations

from pathlib import Path

from eventkit.settings import EventSettings


class ServiceSettings(EventSettings):
    """What every service needs: the settings of its events, and those of HTTP, tokens, pools and logs."""

    http_host: str = "127.0.0.1"
    http_port: int = 8000
    work_http_port: int = 9000
    """Health and metrics of `work`; 0 takes a free port."""
    metrics_open: bool = True
    log_level: str = "info"
    reference_grace_ms: int = 1000
    """How long a request that refers to a record not yet copied here waits before it is refused."""
    stop_deadline_s: float = 10.0

    jwks_file: Path | None = None
    jwks_url: str | None = None
    jwt_issuer: str = ""
    """Accepted issuers, separated by commas; empty: any issuer whose key is in the key set."""
    jwt_audience: str = "koppel"

    serve_pool_size: int = 8
    work_pool_size: int = 6
    serve_statement_timeout_s: float = 10.0
    work_statement_timeout_s: float = 30.0

    @property
    def jwt_issuers(self) -> tuple[str, ...]:
        """The accepted issuers; the setting separates them by commas."""
        return tuple(i.strip() for i in self.jwt_issuer.split(",") if i.strip())
