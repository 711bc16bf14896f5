"""The keys that compose prepares."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest

from deploy import signing
from deploy.docker import keys
from deploy.errors import StackError


def published(directory: Path, issuer: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(signing.public_file(directory, issuer).read_text())["keys"]
    return found


def test_the_gateways_key_stays_and_no_other_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOPPEL_DEVELOPMENT_ISSUER", raising=False)
    keys.prepare(tmp_path)
    first = published(tmp_path, signing.GATEWAY)
    keys.prepare(tmp_path)
    assert published(tmp_path, signing.GATEWAY) == first
    assert published(tmp_path, signing.ISSUER) == []
    with pytest.raises(StackError, match="no development issuer"):
        keys.token(tmp_path, [])


def test_a_development_issuer_that_is_switched_off_leaves_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPPEL_DEVELOPMENT_ISSUER", "yes")
    keys.prepare(tmp_path)
    token = keys.token(tmp_path, ["sales:read"])
    (key,) = published(tmp_path, signing.ISSUER)
    claims = jwt.decode(token, jwt.PyJWK(key), algorithms=["EdDSA"], audience=signing.AUDIENCE)
    assert (claims["iss"], claims["scope"]) == (signing.ISSUER, "sales:read")
    monkeypatch.setenv("KOPPEL_DEVELOPMENT_ISSUER", "no")
    keys.prepare(tmp_path)
    assert published(tmp_path, signing.ISSUER) == []
    assert not signing.private_file(tmp_path, signing.ISSUER).exists()
