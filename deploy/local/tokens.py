"""The development issuer: Ed25519 keys in the data directory, and the bearer tokens signed with them.

Nothing of this exists outside the local stack: elsewhere an identity provider issues the tokens and the
services get its public keys.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from contracts.pos import GATEWAY_ISSUER
from deploy.local.errors import StackError
from deploy.local.settings import StackSettings

ISSUER: Final = "koppel-local"
GATEWAY: Final = GATEWAY_ISSUER
AUDIENCE: Final = "koppel"
SIGNING_KEY: Final = "signing-key.pem"
LIFETIME_S: Final = 12 * 3600
SCOPES: Final = (
    "sales:read",
    "sales:write",
    "sales:post",
    "sales:manage",
    "purchasing:read",
    "purchasing:write",
    "purchasing:post",
    "purchasing:manage",
    "planning:read",
    "planning:write",
    "planning:manage",
    "pos:manage",
    "pos:terminal",
    "channel:submit",
    "ops:read",
    "ops:manage",
)


def keys_directory(settings: StackSettings) -> Path:
    return settings.data_dir / "keys"


def public_file(settings: StackSettings, issuer: str) -> Path:
    """An issuer's public keys: services believe it what these have signed, and no other."""
    return keys_directory(settings) / "public" / f"{issuer}.json"


def trusted_issuers(settings: StackSettings) -> str:
    """The services' setting KOPPEL_ISSUERS: the development issuer, with every scope."""
    return json.dumps([{"issuer": ISSUER, "jwks": str(public_file(settings, ISSUER)), "scopes": "*"}])


def issuer_key_file(settings: StackSettings) -> Path:
    return keys_directory(settings) / ISSUER / SIGNING_KEY


def gateway_key_file(settings: StackSettings) -> Path:
    """The gateway's own private key: it signs the tokens of terminals and sessions, and its own."""
    return keys_directory(settings) / GATEWAY / SIGNING_KEY


def ensure_keys(settings: StackSettings) -> None:
    """Make both key pairs when this data directory has none, and the files of their public keys.

    Each lies in a directory of its own, so that a process can be given one without the others.
    """
    publish(settings, ISSUER, load_or_make(issuer_key_file(settings)))
    publish(settings, GATEWAY, load_or_make(gateway_key_file(settings)))


def publish(settings: StackSettings, issuer: str, key: Ed25519PrivateKey) -> None:
    """Write the public half of an issuer's only key."""
    write_public(public_file(settings, issuer), [public_jwk(key, issuer)])


def write_public(path: Path, keys: list[dict[str, Any]]) -> None:
    """Replace the list in one step: a service may read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps({"keys": keys}, indent=1) + "\n")
    scratch.replace(path)


def load_or_make(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(
            Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return load(path)


def load(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise StackError(f"{path} is not an Ed25519 key")
    return key


def public_jwk(key: Ed25519PrivateKey, key_id: str) -> dict[str, Any]:
    public: dict[str, Any] = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**public, "kid": key_id, "alg": "EdDSA", "use": "sig"}


def issue(
    settings: StackSettings,
    scopes: str | Iterable[str] | None = None,
    *,
    subject: str = "developer",
    lifetime_s: int = LIFETIME_S,
) -> str:
    """A bearer token of this data directory's issuer; without scopes it has every one."""
    ensure_keys(settings)
    return signed(load(issuer_key_file(settings)), scopes, subject=subject, lifetime_s=lifetime_s)


def signed(
    key: Ed25519PrivateKey,
    scopes: str | Iterable[str] | None = None,
    *,
    subject: str,
    lifetime_s: int = LIFETIME_S,
) -> str:
    """A token signed with the issuer's key. Raises on a scope that no service knows."""
    wanted = SCOPES if scopes is None else tuple(scopes.split() if isinstance(scopes, str) else scopes)
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown:
        raise StackError(f"unknown scope: {', '.join(unknown)}", f"known are: {' '.join(SCOPES)}")
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "scope": " ".join(wanted),
        "iat": now,
        "exp": now + lifetime_s,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": ISSUER})
