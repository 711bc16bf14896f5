"""An issuer of access tokens for tests, with the key set by which services check them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

ISSUER: Final = "test"
KEY_ID: Final = "test"
LIFETIME_S: Final = 3600


@dataclass(frozen=True)
class Issuer:
    """Signs tokens; `jwks` is the file of the key set that services trust."""

    key: Ed25519PrivateKey
    jwks: Path

    def token(self, scope: str, subject: str = "tester", **claims: Any) -> str:
        """A token with these scopes, separated by blanks; `claims` add to the usual ones or replace them."""
        usual = {
            "iss": ISSUER,
            "sub": subject,
            "aud": "koppel",
            "exp": int(time.time()) + LIFETIME_S,
            "scope": scope,
        }
        return jwt.encode(usual | claims, self.key, algorithm="EdDSA", headers={"kid": KEY_ID})


def make_issuer(directory: Path, trusted: Mapping[str, Ed25519PrivateKey] | None = None) -> Issuer:
    """A new issuer; its key set also holds the `trusted` keys by their key ids."""
    key = Ed25519PrivateKey.generate()
    keys = {KEY_ID: key, **(trusted or {})}
    jwks = directory / "jwks.json"
    jwks.write_bytes(msgspec.json.encode({"keys": [_jwk(each, kid) for kid, each in keys.items()]}))
    return Issuer(key, jwks)


def _jwk(key: Ed25519PrivateKey, kid: str) -> dict[str, Any]:
    public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return public | {"kid": kid, "use": "sig", "alg": "EdDSA"}
