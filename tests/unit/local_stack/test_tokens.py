from __future__ import annotations

import json
import stat
from pathlib import Path

import jwt
import pytest

from deploy import signing
from deploy.local import StackError, StackSettings, tokens


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return StackSettings(data_dir=tmp_path)


def verified(settings: StackSettings, token: str) -> dict[str, object]:
    """The claims, checked as a service does it: with the published keys alone."""
    document = json.loads(tokens.public_file(settings, "koppel-local").read_text())
    key_id = jwt.get_unverified_header(token)["kid"]
    key = next(jwt.PyJWK(each) for each in document["keys"] if each["kid"] == key_id)
    claims: dict[str, object] = jwt.decode(
        token, key, algorithms=["EdDSA"], audience="koppel", issuer="koppel-local"
    )
    return claims


def test_token_without_scopes_has_every_scope(settings: StackSettings) -> None:
    claims = verified(settings, tokens.issue(settings))
    assert claims["scope"] == " ".join(signing.SCOPES)
    assert claims["sub"] == "developer"


def test_token_with_scopes_has_these_only_and_expires_after_twelve_hours(settings: StackSettings) -> None:
    claims = verified(settings, tokens.issue(settings, "sales:read sales:write"))
    assert claims["scope"] == "sales:read sales:write"
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 12 * 3600


def test_unknown_scope_is_refused_by_name(settings: StackSettings) -> None:
    with pytest.raises(StackError, match="sales:raed"):
        tokens.issue(settings, "sales:read sales:raed")


def test_keys_stay_the_same_so_that_tokens_outlive_a_restart(settings: StackSettings) -> None:
    token = tokens.issue(settings)
    tokens.ensure_keys(settings)
    assert verified(settings, token)["iss"] == "koppel-local"


def test_private_keys_are_readable_by_their_owner_only_and_lie_apart(settings: StackSettings) -> None:
    tokens.ensure_keys(settings)
    files = [tokens.issuer_key_file(settings), tokens.gateway_key_file(settings)]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len({file.parent for file in [*files, tokens.public_file(settings, "koppel-local")]}) == 3


@pytest.mark.parametrize("issuer", ["koppel-local", "pos-gateway"])
def test_an_issuers_key_set_holds_its_own_key_without_the_private_part(
    settings: StackSettings, issuer: str
) -> None:
    tokens.ensure_keys(settings)
    keys = json.loads(tokens.public_file(settings, issuer).read_text())["keys"]
    assert [key["kid"] for key in keys] == [issuer]
    assert all("d" not in key for key in keys)
