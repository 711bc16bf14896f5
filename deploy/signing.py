"""Signing keys in files, and bearer tokens signed with them: the POS gateway's, and those of a development issuer.

Below a directory of keys each issuer has a directory of its own with its private key, so that a process can be given
one without the others; the public keys of all lie in `public`.
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
from deploy.errors import StackError

ISSUER: Final = "koppel-local"
GATEWAY: Final = GATEWAY_ISSUER
AUDIENCE: Final = "koppel"
SIGNING_KEY: Final = "signing-key.pem"
LIFETIME_S: Final = 12 * 3600
SCOPES: Final = (
    "sales:read",
    "sales:write",
    "sales:post",
    "sales:reallocate",
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
    "audit:read",
)


def public_file(keys: Path, issuer: str) -> Path:
    """An issuer's public keys: services believe it what these have signed, and no other."""
    return keys / "public" / f"{issuer}.json"


def private_file(keys: Path, issuer: str) -> Path:
    """An issuer's own private key."""
    return keys / issuer / SIGNING_KEY


def publish(keys: Path, issuer: str) -> None:
    """Write the public half of an issuer's only key, which is made if there is none."""
    write_public(public_file(keys, issuer), [public_jwk(load_or_make(private_file(keys, issuer)), issuer)])


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
