"""Settings of the gateway, from the environment (prefix KOPPEL_)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from servicekit.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """What the gateway needs besides. Units are the last word of a name."""

    http_port: int = 8004
    """Port of `serve`."""
    work_http_port: int = 9004
    """Port of `work`: health and metrics."""
    sales_url: str = "http://127.0.0.1:8001"
    """Where sales answers the gateway's requests."""
    signing_key_file: Path | None = None
    """Ed25519 private key (PEM) for terminals', sessions' and the gateway's own tokens; `migrate` needs none."""

    sales_deadline_s: float = 5.0
    """How long a till waits for sales before it is answered that the outcome is unknown."""
    submission_patience_s: float = 10.0
    """After this time the sweeper asks for an order whose answer from sales is missing; above `sales_deadline_s`."""
    submission_backoff_s: float = 2.0
    """First pause before sales is asked again for an order; it doubles."""
    submission_backoff_max_s: float = 60.0
    """The longest such pause."""
    sweep_interval_s: float = 1.0
    """How often orders without an answer are looked for."""

    terminal_token_ttl_s: int = 3600
    """How long a terminal's token is good for."""
    session_ttl_s: int = 8 * 3600
    """How long a worker stays signed on."""
    approval_ttl_s: int = Field(900, ge=1, le=3600)
    """How long a manager's approval can be used."""
    sign_on_tries_per_worker: int = 5
    """Wrong PINs of a worker at a terminal; then a pause (429). Wrong PINs count for a day."""
    sign_on_tries_per_worker_anywhere: int = 15
    """Wrong PINs of a worker at all terminals together; then a pause."""
    sign_on_tries_per_terminal: int = 20
    """Wrong PINs of all workers at a terminal; then a pause."""
    sign_on_pause_s: int = 300
    """The first pause of a day; each further one is twice as long."""
    sign_on_pause_max_s: int = 86_400
    """The longest pause."""
