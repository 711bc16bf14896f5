from __future__ import annotations

from typing import Any

import pytest

from tests.integration.httpkit.conftest import Service

JSON = {"Content-Type": "application/json", "Idempotency-Key": "k"}


async def post(service: Service, content: bytes, **headers: str) -> Any:
    return await service.client.post("/v1/notes", content=content, headers={**JSON, **headers})


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "required"),
        (b"{", 400, "malformed-json"),
        (b"not json", 400, "malformed-json"),
        (b"\xff\xfe{}", 400, "malformed-json"),
        (b'{"no": "\xed\xa0\x80"}', 422, "invalid-text"),
        (b"[" * 100_000, 400, "malformed-json"),
        (b'"text"', 422, "not-an-object"),
        (b"[]", 422, "not-an-object"),
        (b"1.5", 422, "not-an-object"),
        (b'{"no": "A", "title": "t", "quantity": NaN}', 422, "not-a-number"),
        (b'{"no": "A", "title": "t", "quantity": "NaN"}', 422, "not-a-number"),
        (b'{"no": "A", "title": "t", "quantity": -Infinity}', 422, "not-a-number"),
        (b'{"no": "A", "title": "t", "quantity": 1e400}', 422, "out-of-range"),
        (b'{"no": "A", "title": "t", "quantity": 1e99999999999999999999}', 422, "not-a-number"),
        (b'{"no": "A", "title": "t", "quantity": 1e9}', 422, "out-of-range"),
        (b'{"no": "A", "title": "t", "quantity": ' + b"9" * 10_000 + b"}", 400, "malformed-json"),
        (b'{"no": "A", "title": "t", "quantity": ' + b"9" * 500 + b"}", 422, "out-of-range"),
        (b'{"no": "A", "title": "t", "quantity": 0.30000000000000004}', 422, "too-many-decimals"),
        (b'{"no": "A", "title": "t", "quantity": 0}', 422, "out-of-range"),
        (b'{"no": "A", "title": "t", "quantity": "1,00"}', 422, "not-a-number"),
        (b'{"no": "A", "title": "t", "quantity": true}', 422, "not-a-number"),
        (b'{"no": "A", "title": "\\ud800"}', 422, "invalid-text"),
        (b'{"no": "A\\u0000", "title": "t"}', 422, "invalid-text"),
        (b'{"\\ud800": 1}', 422, "invalid-text"),
        ('{"no": "A", "title": "t"}'.encode("utf-16"), 400, "malformed-json"),
        ('{"no": "A", "title": "t"}'.encode("utf-32-le"), 400, "malformed-json"),
        (b'{"no": "A", "title": "t", "no": "B"}', 422, "repeated-field"),
        (b'{"no" : "A", "title" : "t", "no" : "B"}', 422, "repeated-field"),
        (b'{"no": "A", "title": "t", "\\u006eo": "B"}', 422, "repeated-field"),
        (b'{"no": "A", "title": "t", "at": {"a": [{"b": 1, "b": 2}]}}', 422, "repeated-field"),
        (b'\xef\xbb\xbf{"no": "A", "title": "t", "no": "B"}', 422, "repeated-field"),
        (b"[" + b"1," * 200_000 + b"1]", 413, "too-large"),
        (b"[" + b"{}," * 200_000 + b"{}]", 413, "too-large"),
        (b'{"no": "A", "title": "tab\\there"}', 422, "control-character"),
        (b'{"no": "' + b"A" * 21 + b'", "title": "t"}', 422, "too-long"),
        (b'{"no": "  ", "title": "t"}', 422, "too-short"),
        (b'{"no": "A", "title": "t", "colour": "red"}', 422, "unknown-field"),
        (b'{"no": 7, "title": "t"}', 422, "not-a-text"),
        (b'{"no": "A", "title": "t", "at": "2026-02-30T00:00:00Z"}', 422, "not-a-time"),
    ],
)
async def test_bad_bodies_are_answered_never_500(
    service: Service, content: bytes, status: int, code: str
) -> None:
    answer = await post(service, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await service.sql("SELECT no FROM note") == []


async def test_all_violations_are_named_with_their_pointers(service: Service) -> None:
    answer = await post(service, b'{"title": 5, "quantity": "-1", "a/b": 1}')
    assert {(e["pointer"], e["code"]) for e in answer.json()["errors"]} == {
        ("/no", "required"),
        ("/title", "not-a-text"),
        ("/quantity", "out-of-range"),
        ("/a~1b", "unknown-field"),
    }
    assert answer.json()["type"] == f"/problems/{answer.json()['code']}"


@pytest.mark.parametrize(
    "content",
    [
        b"{" + b",".join(b'"a%d": 1' % i for i in range(5000)) + b"}",
        b"[" + b"NaN," * 5000 + b"NaN]",
        b'["' + b'\\u0000","' * 5000 + b'"]',
        b"{" + b'"a": 1,' * 5000 + b'"a": 1}',
    ],
)
async def test_of_many_violations_a_hundred_are_named(service: Service, content: bytes) -> None:
    answer = (await post(service, content)).json()
    assert (len(answer["errors"]), answer["errors_truncated"]) == (100, True)


async def test_fewer_violations_are_all_named(service: Service) -> None:
    content = b"{" + b",".join(b'"a%d": 1' % i for i in range(98)) + b"}"
    answer = (await post(service, content)).json()
    assert len(answer["errors"]) == 100, "with the two fields that are missing"
    assert "errors_truncated" not in answer


async def test_a_name_that_is_a_text_elsewhere_is_not_repeated(service: Service) -> None:
    title = 'no": and \\"no\\": again'
    answer = await service.client.post("/v1/notes", json={"no": "A", "title": title}, headers=JSON)
    assert (answer.status_code, answer.json()["title"]) == (201, title)


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
async def test_a_compressed_body_is_415(service: Service, coding: str) -> None:
    answer = await post(service, b'{"no": "A", "title": "t"}', **{"Content-Encoding": coding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-content-encoding")


@pytest.mark.parametrize("codings", [["identity, chunked"], ["gzip, chunked"], ["identity", "chunked"]])
async def test_a_transfer_encoding_other_than_chunked_is_400(service: Service, codings: list[str]) -> None:
    headers = [*JSON.items(), *(("Transfer-Encoding", coding) for coding in codings)]
    answer = await service.client.post("/v1/notes", content=b'{"no": "A", "title": "t"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-transfer-encoding")


async def test_head_is_get_without_the_body(service: Service) -> None:
    await post(service, b'{"no": "A", "title": "t"}')
    for path in ("/v1/notes", "/v1/notes/A", "/v1/notes/NONE", "/health/live", "/openapi.json", "/docs"):
        get, head = await service.client.get(path), await service.client.head(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        names = ("content-length", "content-type", "etag")
        assert [head.headers.get(name) for name in names] == [get.headers.get(name) for name in names]


async def test_no_answer_is_to_be_sniffed_for_another_type(service: Service) -> None:
    for path in ("/v1/notes", "/v1/unknown", "/health/live", "/docs"):
        assert (await service.client.get(path)).headers["x-content-type-options"] == "nosniff"


async def test_numbers_are_exact(service: Service) -> None:
    answer = await post(service, b'{"no": "a", "title": "t", "quantity": 123456789.12345}')
    assert answer.json()["quantity"] == "123456789.12345"
    assert answer.json()["no"] == "A"


async def test_text_is_stored_as_given(service: Service) -> None:
    title = "'; DROP TABLE note; -- 😀 שלום"
    answer = await service.client.post("/v1/notes", json={"no": "a", "title": title}, headers=JSON)
    assert answer.json()["title"] == title


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/json; charset=latin-1", ""]
)
async def test_another_content_type_is_415(service: Service, content_type: str) -> None:
    answer = await post(service, b'{"no": "A", "title": "t"}', **{"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "application/merge-patch+json"])
async def test_other_names_of_json_are_taken(service: Service, content_type: str) -> None:
    answer = await post(service, b'{"no": "A", "title": "t"}', **{"Content-Type": content_type})
    assert answer.status_code == 201


async def test_too_large_a_body_is_413_announced_or_not(service: Service) -> None:
    body = b'{"no": "' + b"A" * service.runner.limits.max_body_bytes + b'"}'
    announced = await post(service, body)

    async def chunks() -> Any:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    streamed = await service.client.post("/v1/notes", content=chunks(), headers=JSON)
    assert [(a.status_code, a.json()["code"]) for a in (announced, streamed)] == [(413, "too-large")] * 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/notes/%00", 422),
        ("/v1/notes/..%2f..%2fetc", 404),
        ("/v1/notes/" + "x" * 5000, 422),
        ("/v1/notes/%ff%fe", 404),
        ("/v1/notes?limit=0", 422),
        ("/v1/notes?limit=-1", 422),
        ("/v1/notes?limit=501", 422),
        ("/v1/notes?limit=1000000", 422),
        ("/v1/notes?limit=many", 422),
        ("/v1/notes?cursor=abc", 422),
        ("/v1/notes?cursor=%C3%BC", 422),
        ("/v1/notes?updated_since=yesterday", 422),
        ("/v1/notes?updated_since=2026-01-01T00:00:00", 422),
        ("/v1/notes?colour=red", 422),
        ("/v1/notes?title=%00", 422),
        ("/v1/notes?limit=1&limit=2", 422),
        ("/v1/unknown", 404),
        ("/v1/notes/", 404),
    ],
)
async def test_bad_addresses_are_answered(service: Service, path: str, status: int) -> None:
    answer = await service.client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_errors_of_parameters_say_where(service: Service) -> None:
    answer = await service.client.get("/v1/notes?limit=0&updated_since=x")
    assert {(e["pointer"], e["in"], e["code"]) for e in answer.json()["errors"]} == {
        ("/limit", "query", "out-of-range"),
        ("/updated_since", "query", "not-a-time"),
    }


async def test_another_method_is_405(service: Service) -> None:
    answer = await service.client.put("/v1/notes", json={})
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (
        405,
        "method-not-allowed",
        "GET, HEAD, POST",
    )


async def test_an_error_of_the_service_shows_no_internals(service: Service) -> None:
    answer = await service.client.post("/v1/crash", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"]
