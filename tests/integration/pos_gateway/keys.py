"""Signing keys: of the development issuer, and the gateway's own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import OKPAlgorithm


@dataclass
class Keys:
    """Where they lie, and tokens by the development issuer."""

    issuer: Ed25519PrivateKey
    jwks: Path
    signing_key: Path

    def token(self, scope: str, subject: str = "tester", **claims: Any) -> str:
        body = {
            "iss": "test",
            "sub": subject,
            "aud": "koppel",
            "exp": int(time.time()) + 3600,
            "scope": scope,
        }
        return jwt.encode(body | claims, self.issuer, algorithm="EdDSA", headers={"kid": "test"})


def make_keys(directory: Path) -> Keys:
    issuer, own = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    signing_key = directory / "pos-gateway.pem"
    signing_key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    jwks = directory / "jwks.json"
    jwks.write_bytes(msgspec.json.encode({"keys": [_jwk(issuer, "test"), _jwk(own, "pos-gateway")]}))
    return Keys(issuer, jwks, signing_key)


def _jwk(key: Ed25519PrivateKey, kid: str) -> dict[str, Any]:
    public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return public | {"kid": kid, "use": "sig", "alg": "EdDSA"}
