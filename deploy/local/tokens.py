"""The development issuer of a local stack: its keys lie in the data directory.

Nothing of this exists outside the local stack: elsewhere an identity provider issues the tokens and the
services get its public keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from deploy import signing
from deploy.local.settings import StackSettings
from deploy.signing import GATEWAY, ISSUER, LIFETIME_S


def keys_directory(settings: StackSettings) -> Path:
    return settings.data_dir / "keys"


def public_file(settings: StackSettings, issuer: str) -> Path:
    """An issuer's public keys: services believe it what these have signed, and no other."""
    return signing.public_file(keys_directory(settings), issuer)


def trusted_issuers(settings: StackSettings) -> str:
    """The services' setting KOPPEL_ISSUERS: the development issuer, with every scope."""
    return json.dumps([{"issuer": ISSUER, "jwks": str(public_file(settings, ISSUER)), "scopes": "*"}])


def issuer_key_file(settings: StackSettings) -> Path:
    return signing.private_file(keys_directory(settings), ISSUER)


def gateway_key_file(settings: StackSettings) -> Path:
    """The gateway's own private key: it signs the tokens of terminals and sessions, and its own."""
    return signing.private_file(keys_directory(settings), GATEWAY)


def ensure_keys(settings: StackSettings) -> None:
    """Make both key pairs when this data directory has none, and the files of their public keys."""
    for issuer in (ISSUER, GATEWAY):
        signing.publish(keys_directory(settings), issuer)


def issue(
    settings: StackSettings,
    scopes: str | Iterable[str] | None = None,
    *,
    subject: str = "developer",
    lifetime_s: int = LIFETIME_S,
) -> str:
    """A bearer token of this data directory's issuer; without scopes it has every one."""
    ensure_keys(settings)
    return signing.signed(
        signing.load(issuer_key_file(settings)), scopes, subject=subject, lifetime_s=lifetime_s
    )
