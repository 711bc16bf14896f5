"""Whatever is sent, the answer is the caller's business (4xx) or done (2xx), and always well-formed."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote

from tests.integration.httpkit.conftest import Service

ODD_VALUES: list[Any] = [
    None, True, 0, -1, 1e308, 10**40, 0.1, "", " ", "\x00", "\ud800", "😀", "a" * 10_000, "NaN", "Infinity", "-0", [],
    {}, [[]], {"": ""}, "../", "%00", "'; DROP TABLE note; --", "2026-02-30", "٣", "\u202e", float("nan"), float("inf"),
]  # fmt: skip
FIELDS = ["no", "title", "quantity", "item_no", "at", "", "__proto__", "\ud800"]
HEADERS = [
    "If-Match",
    "If-None-Match",
    "Koppel-After",
    "Prefer",
    "Idempotency-Key",
    "X-Request-Id",
    "traceparent",
]
HEADER_VALUES = [
    b"",
    b"*",
    b'"7"',
    b"wait=99999999999",
    b"item/A@99999999999999999999",
    b"\xff\xfe",
    b"a" * 5000,
    b"0",
]


def body(dice: random.Random) -> bytes:
    value: Any = {field: dice.choice(ODD_VALUES) for field in dice.sample(FIELDS, dice.randint(0, 6))}
    if dice.random() < 0.5:
        value |= {"no": f"N-{dice.randint(1, 50)}", "title": "t"}
    text = json.dumps(
        dice.choice([value, [value], dice.choice(ODD_VALUES)]) if dice.random() < 0.3 else value
    )
    raw = text.encode()
    return raw[: dice.randint(0, len(raw))] if dice.random() < 0.1 else raw


async def test_no_input_makes_an_error_of_the_service(service: Service) -> None:
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    for turn in range(400):
        method = dice.choice(["POST", "PATCH", "GET", "PUT", "DELETE"])
        no = quote(str(dice.choice(ODD_VALUES)).encode("utf-8", "surrogatepass"), safe="")[:3000]
        path = dice.choice(
            ["/v1/notes", f"/v1/notes/{no}", f"/v1/notes/{no}/rename", f"/v1/copies/item/{no}", f"/v1/notes?limit={no}",
             f"/v1/notes?title={no}", f"/v1/notes?cursor={no}", f"/v1/operations/{no}", f"/v1/parked/{no}",
             f"/v1/number-series/{no}", f"/v1/notes?updated_since={no}"]
        )  # fmt: skip
        headers = {b"Content-Type": b"application/json", b"Idempotency-Key": str(turn).encode()}
        headers |= {
            dice.choice(HEADERS).encode(): dice.choice(HEADER_VALUES) for _ in range(dice.randint(0, 2))
        }
        content = body(dice) if method != "GET" else b""
        answer = await service.client.request(method, path, content=content, headers=headers)
        told = f"seed {seed}, turn {turn}: {method} {path} {content[:200]!r} {headers} -> {answer.text[:300]}"
        assert answer.status_code < 500 or answer.json()["code"] == "copy-not-there-yet", told
        assert answer.status_code in {204, 304} or answer.json() is not None, told
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", told
            assert answer.json()["errors"], told
