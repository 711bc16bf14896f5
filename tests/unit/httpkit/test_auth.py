from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from contracts.refusals import Refusal
from httpkit import keys
from httpkit.auth import Tokens, Unauthorized
from httpkit.problems import status_of
from servicekit.settings import TrustedIssuer

ED, EC = Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = {
    "ed": OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True),
    "ec": ECAlgorithm.to_jwk(EC.public_key(), as_dict=True),
    "rsa": RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True),
}


def write(path: Path, *kids: str) -> Path:
    path.write_bytes(msgspec.json.encode({"keys": [{**PUBLIC[k], "kid": k} for k in kids]}))
    return path


def trusting(**sources: Path | str) -> list[TrustedIssuer]:
    """Issuers by their names, each with its keys; all may give every scope."""
    return [TrustedIssuer(issuer=name, jwks=str(jwks), scopes="*") for name, jwks in sources.items()]


def token(key: Any = ED, algorithm: str = "EdDSA", kid: str | None = "ed", **claims: Any) -> str:
    body = {"iss": "a", "sub": "s", "aud": "koppel", "exp": int(time.time()) + 60, "scope": "x:read y:write"}
    return jwt.encode(body | claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    jwks = write(tmp_path / "jwks.json", "ed", "ec", "rsa")
    return Tokens(trusting(a=jwks, b=jwks))


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(ED, "EdDSA", "ed"), (EC, "ES256", "ec"), (RSA, "RS256", "rsa")]
)
async def test_the_three_kinds_of_keys_are_taken(tokens: Tokens, key: Any, algorithm: str, kid: str) -> None:
    found = await tokens.principal(f"Bearer {token(key, algorithm, kid)}")
    assert (found.subject, found.scopes) == ("s", {"x:read", "y:write"})


async def test_one_subject_of_two_issuers_is_two_callers(tokens: Tokens) -> None:
    callers = {(await tokens.principal(f"Bearer {token(iss=issuer)}")).caller for issuer in ("a", "b")}
    assert len(callers) == 2


@pytest.mark.parametrize("sub", ["", "  ", "x" * 256, "a\r\nb", "a\x00", "a\u202eb"])
async def test_a_subject_that_cannot_stand_in_headers_and_logs_is_refused(tokens: Tokens, sub: str) -> None:
    with pytest.raises(Unauthorized):
        await tokens.principal(f"Bearer {token(sub=sub)}")


async def test_a_subject_with_half_a_character_is_refused(tokens: Tokens) -> None:
    claims = b'{"iss":"a","sub":"\\ud800","aud":"koppel","exp":%d}' % (time.time() + 60)
    signed = jwt.PyJWS().encode(claims, ED, algorithm="EdDSA", headers={"kid": "ed"})
    with pytest.raises(Unauthorized):
        await tokens.principal(f"Bearer {signed}")


async def test_a_token_without_key_id_is_tried_with_the_keys_of_its_algorithm(tokens: Tokens) -> None:
    assert (await tokens.principal(f"bearer {token(kid=None)}")).subject == "s"


async def test_a_public_key_cannot_be_used_as_a_shared_secret(tokens: Tokens) -> None:
    forged = jwt.encode({"sub": "s"}, b"k" * 64, algorithm="HS256", headers={"kid": "rsa"})
    with pytest.raises(Unauthorized):
        await tokens.principal(f"Bearer {forged}")


async def test_a_key_signs_with_its_own_algorithm_only(tokens: Tokens) -> None:
    with pytest.raises(Unauthorized):
        await tokens.principal(f"Bearer {token(RSA, 'RS256', 'ed')}")


async def test_every_listed_issuer_is_accepted_and_no_other(tokens: Tokens) -> None:
    assert (await tokens.principal(f"Bearer {token(iss='b')}")).subject == "s"
    with pytest.raises(Unauthorized):
        await tokens.principal(f"Bearer {token(iss='c')}")


async def test_the_caller_of_keys_can_be_derived_from_claims(tmp_path: Path) -> None:
    issuers = trusting(a=write(tmp_path / "jwks.json", "ed"))
    tills = Tokens(issuers, caller=lambda claims: f"terminal {claims['terminal_no']}")
    assert (await tills.principal(f"Bearer {token(terminal_no='T1')}")).caller == "a terminal T1"


async def test_verified_tokens_are_remembered_within_bounds(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("httpkit.auth.CACHED_TOKENS_MAX", 3)
    made = [f"Bearer {token(sub=str(i))}" for i in range(5)]
    first = await tokens.principal(made[0])
    assert await tokens.principal(made[0]) is first
    for each in made:
        await tokens.principal(each)
    assert len(tokens._verified) == 3


async def test_a_key_that_is_added_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MIN_AGE_S", 0.0)
    path = write(tmp_path / "jwks.json", "ed")
    tokens = Tokens(trusting(a=path))
    with pytest.raises(Unauthorized):
        await tokens.principal(f"Bearer {token(EC, 'ES256', 'ec')}")
    write(path, "ed", "ec")
    assert (await tokens.principal(f"Bearer {token(EC, 'ES256', 'ec')}")).subject == "s"


async def test_strange_key_ids_do_not_make_the_set_be_read_each_time(tmp_path: Path) -> None:
    path = write(tmp_path / "jwks.json", "ed")
    tokens = Tokens(trusting(a=path))
    await tokens.principal(f"Bearer {token()}")
    path.unlink()
    for i in range(3):
        with pytest.raises(Unauthorized):
            await tokens.principal(f"Bearer {token(kid=f'strange {i}')}")
    assert (await tokens.principal(f"Bearer {token()}")).subject == "s"


async def test_without_any_key_read_yet_it_is_503_not_401(tmp_path: Path) -> None:
    tokens = Tokens(trusting(a=tmp_path / "missing.json"))
    with pytest.raises(Refusal) as refused:
        await tokens.principal(f"Bearer {token()}")
    assert (status_of(refused.value), refused.value.code) == (503, "keys-unavailable")


def test_a_service_without_keys_does_not_start() -> None:
    with pytest.raises(ValueError, match="KOPPEL_ISSUERS"):
        Tokens([])
    with pytest.raises(ValueError, match="HTTP"):
        Tokens(trusting(a="file:///etc/passwd"))


def test_two_issuers_of_one_name_are_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="same name"):
        Tokens([*trusting(a="one.json"), *trusting(a="other.json")])


async def test_an_issuers_key_does_not_sign_for_another_issuer(tmp_path: Path) -> None:
    tokens = Tokens(trusting(a=write(tmp_path / "a.json", "ed"), b=write(tmp_path / "b.json", "ec")))
    assert (await tokens.principal(f"Bearer {token(iss='a')}")).issuer == "a"
    assert (await tokens.principal(f"Bearer {token(EC, 'ES256', 'ec', iss='b')}")).issuer == "b"
    for forged in (token(iss="b"), token(iss="b", kid=None), token(EC, "ES256", "ec", iss="a")):
        with pytest.raises(Unauthorized):
            await tokens.principal(f"Bearer {forged}")


async def test_an_issuer_gives_no_scopes_but_its_own(tmp_path: Path) -> None:
    jwks = str(write(tmp_path / "a.json", "ed"))
    tokens = Tokens([TrustedIssuer(issuer="a", jwks=jwks, scopes="x:read z:read")])
    assert (await tokens.principal(f"Bearer {token()}")).scopes == {"x:read"}


@pytest.mark.parametrize("scope", [["x:read"], 7, None, "x:read,y:write"])
async def test_a_scope_that_is_no_text_of_words_gives_nothing(tokens: Tokens, scope: Any) -> None:
    assert "x:read" not in (await tokens.principal(f"Bearer {token(scope=scope)}")).scopes


async def test_a_withdrawn_key_ends_the_tokens_that_it_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a token that was verified before."""
    path = write(tmp_path / "jwks.json", "ed", "ec")
    tokens = Tokens(trusting(a=path))
    signed, other = f"Bearer {token()}", f"Bearer {token(EC, 'ES256', 'ec')}"
    await tokens.principal(signed)
    await tokens.principal(other)

    write(path, "ec")
    assert (await tokens.principal(signed)).subject == "s"
    monkeypatch.setattr(keys, "MAX_AGE_S", 0.0)

    with pytest.raises(Unauthorized):
        await tokens.principal(signed)
    assert (await tokens.principal(other)).subject == "s"


async def test_old_keys_are_read_again_while_requests_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "jwks.json", "ed")
    tokens = Tokens(trusting(a=path))
    signed = f"Bearer {token()}"
    await tokens.principal(signed)
    path.unlink()
    monkeypatch.setattr(keys, "REFRESH_AFTER_S", 0.0)

    assert {(await tokens.principal(signed)).subject for _ in range(3)} == {"s"}


async def test_claims_nested_too_deep_are_a_malformed_token(tokens: Tokens) -> None:
    deep = base64.urlsafe_b64encode(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}").rstrip(b"=").decode()
    header, _, signature = token().split(".")
    with pytest.raises(Unauthorized):
        await tokens.principal(f"Bearer {header}.{deep}.{signature}")


def test_keys_that_do_not_verify_signatures_are_left_out() -> None:
    document = {"keys": [{**PUBLIC["ed"], "use": "enc"}, {"kty": "oct", "k": "c2VjcmV0"}, PUBLIC["rsa"]]}
    assert [k.key_type for k in keys.parse(msgspec.json.encode(document))] == ["RSA"]
