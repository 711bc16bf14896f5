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

from servicekit.settings import TrustedIssuer

ISSUER: Final = "test"
KEY_ID: Final = "test"
LIFETIME_S: Final = 3600


@dataclass(frozen=True)
class Issuer:
    """Signs tokens; `jwks` is the file of the key set that services trust."""

    key: Ed25519PrivateKey
    jwks: Path

    def trusted(self) -> TrustedIssuer:
        """What a service's settings say about it."""
        return TrustedIssuer(issuer=ISSUER, jwks=str(self.jwks), scopes="*")

    def token(self, scope: str, subject: str = "tester", kid: str = KEY_ID, **claims: Any) -> str:
        """A token with these scopes, separated by blanks; `claims` add to the usual ones or replace them."""
        usual = {
            "iss": ISSUER,
            "sub": subject,
            "aud": "koppel",
            "exp": int(time.time()) + LIFETIME_S,
            "scope": scope,
        }
        return jwt.encode(usual | claims, self.key, algorithm="EdDSA", headers={"kid": kid})


def make_issuer(directory: Path) -> Issuer:
    """A new issuer with its key set in this directory."""
    key = Ed25519PrivateKey.generate()
    return Issuer(key, write_key_set(directory / f"{ISSUER}.json", {KEY_ID: key}))


def write_key_set(path: Path, keys: Mapping[str, Ed25519PrivateKey]) -> Path:
    """The public halves of these keys, by their key ids, as services read them."""
    path.write_bytes(msgspec.json.encode({"keys": [_jwk(key, kid) for kid, key in keys.items()]}))
    return path


def _jwk(key: Ed25519PrivateKey, kid: str) -> dict[str, Any]:
    public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return public | {"kid": kid, "use": "sig", "alg": "EdDSA"}
