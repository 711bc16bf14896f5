"""The development issuer: Ed25519 keys in the data directory, and the bearer tokens signed with them.

Nothing of this exists outside the local stack: elsewhere an identity provider issues the tokens and the
services get its public keys.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from deploy.local.errors import StackError
from deploy.local.settings import StackSettings

ISSUER: Final = "koppel-local"
GATEWAY: Final = "pos-gateway"
AUDIENCE: Final = "koppel"
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


def jwks_file(settings: StackSettings) -> Path:
    """The public keys that every service trusts: this issuer's and the gateway's."""
    return keys_directory(settings) / "jwks.json"


def issuer_key_file(settings: StackSettings) -> Path:
    return keys_directory(settings) / f"{ISSUER}.pem"


def gateway_key_file(settings: StackSettings) -> Path:
    """The gateway's own private key: it signs the tokens of terminals and sessions, and its own."""
    return keys_directory(settings) / f"{GATEWAY}.pem"


def ensure_keys(settings: StackSettings) -> None:
    """Make both key pairs and the list of public keys when this data directory has none."""
    directory = keys_directory(settings)
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    issuer = load_or_make(issuer_key_file(settings))
    gateway = load_or_make(gateway_key_file(settings))
    keys = [public_jwk(issuer, ISSUER), public_jwk(gateway, GATEWAY)]
    jwks_file(settings).write_text(json.dumps({"keys": keys}, indent=1) + "\n")


def load_or_make(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
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
    """A signed bearer token; without scopes it has every one. Raises on a scope that no service knows."""
    wanted = SCOPES if scopes is None else tuple(scopes.split() if isinstance(scopes, str) else scopes)
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown:
        raise StackError(f"unknown scope: {', '.join(unknown)}", f"known are: {' '.join(SCOPES)}")
    ensure_keys(settings)
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "scope": " ".join(wanted),
        "iat": now,
        "exp": now + lifetime_s,
    }
    key = load(issuer_key_file(settings))
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": ISSUER})
