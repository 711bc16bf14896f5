from __future__ import annotations

import time

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.integration.httpkit.conftest import Service


async def get(service: Service, authorization: str) -> tuple[int, str, str]:
    headers = {b"Authorization": authorization.encode()}
    answer = await service.client.get("/v1/notes", headers=headers)
    code = answer.json().get("code", "")
    return answer.status_code, code, answer.headers.get("www-authenticate", "")


@pytest.mark.parametrize("authorization", ["", "Basic abc", "Bearer", "Bearer "])
async def test_without_a_token_401(service: Service, authorization: str) -> None:
    status, code, challenge = await get(service, authorization)
    assert (status, code, challenge) == (401, "token-missing", 'Bearer realm="koppel"')


async def test_invalid_tokens_are_401_and_say_why(service: Service) -> None:
    stranger = jwt.encode(
        {"sub": "x"}, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": "test"}
    )
    symmetric = jwt.encode({"sub": "x"}, "s" * 32, algorithm="HS256", headers={"kid": "test"})
    expired = service.token(exp=int(time.time()) - 60)
    tokens = [
        "not.a.token",
        "ü",
        stranger,
        symmetric,
        expired,
        service.token(aud="other"),
        service.token(iss="other"),
        service.token(exp="never"),
        service.token(sub=7),
        service.token(nbf=int(time.time()) + 600),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    ]
    for token in tokens:
        status, code, challenge = await get(service, f"Bearer {token}")
        assert status == 401, token
        assert code == ("token-expired" if token is expired else "token-invalid")
        assert 'error="invalid_token"' in challenge


async def test_a_token_without_the_scope_is_403(service: Service) -> None:
    token = service.issuer.token(scope="notes:write other:read")
    status, code, challenge = await get(service, f"Bearer {token}")
    assert (status, code) == (403, "insufficient-scope")
    assert 'scope="notes:read"' in challenge


async def test_the_token_stands_before_the_body(service: Service) -> None:
    answer = await service.client.post("/v1/notes", json={}, headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401


async def test_a_remembered_token_ends_with_its_expiry(service: Service) -> None:
    token = service.token(exp=int(time.time()) + 1)
    assert (await get(service, f"Bearer {token}"))[0] == 200
    tokens = service.app.state.tokens
    remembered = tokens._verified[token]
    expired = msgspec.structs.replace(remembered.principal, expires_at=time.time() - 1)
    tokens._verified[token] = remembered._replace(principal=expired)
    assert (await get(service, f"Bearer {token}"))[1] == "token-expired"


async def test_health_is_open(service: Service) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        answer = await service.client.get(path, headers={"Authorization": ""})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/copies/item/I-1", "/v1/operations/01930000-0000-7000-8000-000000000001"]
)
async def test_a_token_of_another_service_learns_nothing_of_operations_and_copies(
    service: Service, path: str
) -> None:
    stranger = {"Authorization": f"Bearer {service.issuer.token(scope='other:read')}"}
    own = {"Authorization": f"Bearer {service.issuer.token(scope='notes:post')}"}
    assert (await service.client.get(path, headers=stranger)).status_code == 403
    assert (await service.client.get(path, headers=own)).status_code == 404


async def test_who_may_read_parked_events_may_not_give_them_up(service: Service) -> None:
    reader = {"Authorization": f"Bearer {service.issuer.token(scope='ops:read')}", "Idempotency-Key": "k"}
    assert (await service.client.get("/v1/parked", headers=reader)).status_code == 200
    url = "/v1/parked/01930000-0000-7000-8000-000000000001/discard"
    assert (await service.client.post(url, headers=reader, json={"note": "x"})).status_code == 403
