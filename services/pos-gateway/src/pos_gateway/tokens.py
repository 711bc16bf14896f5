"""Tokens that the gateway issues: to terminals, to workers signed on at them, and to itself for sales."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec.structs import asdict

from contracts.pos import GATEWAY_ISSUER, TILL_SCOPE
from eventkit.ids import new_id
from pos_gateway.domain.terminals.sessions import TillClaims

KEY_ID = "pos-gateway"
_RENEW_BEFORE_S = 60.0
_SERVICE_TTL = timedelta(minutes=10)


class Issued(msgspec.Struct, frozen=True):
    """A token, and how long it holds."""

    access_token: str
    expires_at: datetime
    ttl_s: int


class TokenIssuer:
    """Signs tokens with the gateway's own key, whose public half stands in the key set of all services."""

    def __init__(
        self, key: Ed25519PrivateKey, *, audience: str, terminal_ttl: timedelta, session_ttl: timedelta
    ) -> None:
        self._key = key
        self._audience = audience
        self._terminal_ttl = terminal_ttl
        self._session_ttl = session_ttl
        self._own: dict[tuple[str, str], tuple[str, float]] = {}

    def for_terminal(self, terminal: TillClaims) -> Issued:
        """A terminal's token: it signs workers on, reads, uploads batches."""
        return self._issue(f"terminal:{terminal.terminal_no}", _claims(terminal), self._terminal_ttl)

    def for_session(self, session: TillClaims) -> Issued:
        """The token of a worker at a terminal; the subject is the same in each of the worker's sessions there."""
        subject = f"worker:{session.worker_id}@{session.terminal_no}"
        return self._issue(subject, _claims(session), self._session_ttl)

    def service_token(self, subject: str, scope: str) -> str:
        """This service's own token for another one; the same until it is about to expire."""
        token, until = self._own.get((subject, scope), ("", 0.0))
        if until < time.monotonic():
            token = self._issue(subject, {"scope": scope}, _SERVICE_TTL).access_token
            until = time.monotonic() + _SERVICE_TTL.total_seconds() - _RENEW_BEFORE_S
            self._own[subject, scope] = (token, until)
        return token

    def _issue(self, subject: str, claims: dict[str, Any], ttl: timedelta) -> Issued:
        now = datetime.now(UTC)
        token = jwt.encode(
            {
                "iss": GATEWAY_ISSUER,
                "sub": subject,
                "aud": self._audience,
                "iat": now,
                "exp": now + ttl,
                "jti": str(new_id()),
                **claims,
            },
            self._key,
            algorithm="EdDSA",
            headers={"kid": KEY_ID},
        )
        return Issued(token, now + ttl, int(ttl.total_seconds()))


def _claims(till: TillClaims) -> dict[str, Any]:
    """Those that say something; the rest has defaults when the token is read."""
    return {"scope": TILL_SCOPE} | {name: value for name, value in asdict(till).items() if value}


def load_key(path: Path) -> Ed25519PrivateKey:
    """The signing key of a PEM file. Raises TypeError if it holds another kind of key."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 private key")
    return key
