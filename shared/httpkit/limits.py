"""The limits of the HTTP edge, each named with its unit."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class Limits(BaseSettings):
    """The bounds of the HTTP edge. A request beyond a limit is refused at once instead of being queued.

    From the environment (prefix KOPPEL_EDGE_) where it is not given.
    """

    model_config = SettingsConfigDict(env_prefix="KOPPEL_EDGE_", extra="ignore", frozen=True)

    max_body_bytes: int = 4 * 1024 * 1024
    """Beyond: 413."""
    batch_max_commands: int = 100
    """Commands of one use case that one transaction stores."""
    queue_max_commands: int = 1000
    """Commands of one use case that wait for a transaction; beyond: 503."""
    act_deadline_s: float = 15.0
    """How long a caller waits for its act; then 503 with the outcome unknown."""
    transaction_deadline_s: float = 12.0
    """A transaction of acts that takes longer is rolled back."""
    decide_again_times: int = 3
    """Tries of a single command that lost a deadlock or a race to insert a row."""
    copies_wait_s: float = 2.0
    """How long `Koppel-After` waits for a copy."""
    reference_grace_s: float = 1.0
    """How long an act that a copy refuses waits for a newer one."""
    prefer_wait_max_s: float = 30.0
    """The most that `Prefer: wait` may ask for; more is shortened to it."""
    operation_waiters_max: int = 200
    """Requests that wait for operations in one process; beyond, `Prefer: wait` is ignored (202 at once)."""
    operation_waiters_per_caller_max: int = 50
    """Those of one caller."""
    copy_waiters_max: int = 1000
    """Requests that wait for copies in one process; beyond, a copy that is not here yet is 503 at once."""
    copy_waiters_per_caller_max: int = 200
    """Those of one caller."""
    requests_per_second: float = 1000.0
    """Requests of one caller in one process, on average; beyond: 429. 0: any number."""
    requests_burst: int = 2000
    """Requests that a caller may send at once after a pause."""
    poll_interval_s: float = 0.02
    """How often what waiters wait for is read, once for all of them."""
