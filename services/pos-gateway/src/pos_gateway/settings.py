"""Settings of the gateway, from the environment (prefix KOPPEL_)."""

from __future__ import annotations

from pathlib import Path

from servicekit.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """What the gateway needs besides. Units are the last word of a name."""

    http_port: int = 8004
    work_http_port: int = 9004
    sales_url: str = "http://127.0.0.1:8001"
    signing_key_file: Path | None = None
    """Ed25519 private key (PEM) for terminals', sessions' and the gateway's own tokens; `migrate` needs none."""

    sales_deadline_s: float = 5.0
    """How long a till waits for sales before it is answered that the outcome is unknown."""
    submission_patience_s: float = 10.0
    """After this time the sweeper asks for an order whose answer from sales is missing; above `sales_deadline_s`."""
    submission_backoff_s: float = 2.0
    submission_backoff_max_s: float = 60.0
    sweep_interval_s: float = 1.0

    terminal_token_ttl_s: int = 3600
    session_ttl_s: int = 8 * 3600
    sign_on_window_s: int = 300
    sign_on_tries_per_worker: int = 5
    """Wrong PINs of a worker at a terminal within the window; then 429 until it ends."""
    sign_on_tries_per_terminal: int = 20
