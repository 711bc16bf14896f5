from __future__ import annotations

import msgspec

from contracts.purchasing.masters import Vendor
from contracts.topics import KINDS
from eventkit import parking
from eventkit.envelope import Record
from eventkit.ids import new_id
from eventkit.parking import Failed
from recordkit import series
from tests.integration.httpkit.conftest import Service


async def park(service: Service, offset: int) -> str:
    record = Record("sales.order.v1", 0, offset, b"S-1", b'{"a": 1}', (("ce_id", b"x"),))
    async with service.database.begin() as tx:
        await parking.park(tx, "c", [Failed(record, "error", "ValueError: no", "sales-order", "S-1", 3)])
    return str((await service.sql('SELECT id FROM parked WHERE "offset" = $1', offset))[0]["id"])


async def test_parked_events_are_listed_and_shown(service: Service) -> None:
    ids = [await park(service, n) for n in range(3)]
    listed = await service.client.get("/v1/parked?limit=2")
    assert [item["id"] for item in listed.json()["items"]] == ids[:2]
    rest = await service.client.get(listed.links["next"]["url"])
    assert [item["id"] for item in rest.json()["items"]] == ids[2:]
    shown = await service.client.get(f"/v1/parked/{ids[0]}")
    assert (
        shown.json().items()
        >= {"kind": "sales-order", "no": "S-1", "value": '{"a": 1}', "reason": "error"}.items()
    )


async def test_a_discarded_event_keeps_who_and_why(service: Service) -> None:
    id_ = await park(service, 1)
    url = f"/v1/parked/{id_}/discard"
    done = await service.client.post(url, json={"note": "too old"}, headers={"Idempotency-Key": "d"})
    again = await service.client.post(url, json={"note": "too old"}, headers={"Idempotency-Key": "d"})
    other = await service.client.post(url, json={"note": "too old"}, headers={"Idempotency-Key": "e"})
    assert [done.status_code, again.status_code, other.status_code] == [200, 200, 404]
    row = (await service.sql("SELECT status, closed_by, note FROM parked"))[0]
    assert tuple(row) == ("discarded", "tester", "too old")
    assert (await service.client.get("/v1/parked")).json()["items"] == []
    assert len((await service.client.get("/v1/parked?status=discarded")).json()["items"]) == 1


async def test_redriving_what_is_not_parked_is_404(service: Service) -> None:
    answer = await service.client.post(f"/v1/parked/{new_id()}/redrive")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-parked")


async def test_a_redriven_event_takes_effect_and_is_not_parked_any_more(service: Service) -> None:
    kind = KINDS["vendor"]
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(new_id()),
        "ce_source": "/koppel/purchasing",
        "ce_type": kind.event_type,
        "ce_subject": "V1",
        "ce_time": "2026-01-01T00:00:00Z",
        "ce_version": "3",
        "ce_correlationid": "c",
        "ce_causationid": "c",
    }
    value = msgspec.json.encode(Vendor(version=3, no="V1", name="Vendor"))
    packed = tuple((name, text.encode()) for name, text in headers.items())
    record = Record(kind.topic, 0, 7, kind.message_key("V1").encode(), value, packed)
    async with service.database.begin() as tx:
        await parking.park(tx, "c", [Failed(record, "error", "ValueError: no", "vendor", "V1", 3)])
    id_ = (await service.client.get("/v1/parked?kind=vendor")).json()["items"][0]["id"]
    answer = await service.client.post(f"/v1/parked/{id_}/redrive")
    assert (answer.status_code, answer.json()) == (200, {"outcome": "applied"})
    copy = await service.client.get("/v1/copies/vendor/V1")
    assert copy.json()["version"] == 3
    assert (await service.client.get("/v1/parked?status=all")).json()["items"] == []


async def test_many_parked_events_are_redriven_at_once_and_each_says_what_became_of_it(
    service: Service,
) -> None:
    ids = [await park(service, n) for n in range(3)]
    answer = await service.client.post("/v1/parked/redrive", json={"all": True, "kind": "sales-order"})
    items = answer.json()["items"]
    assert (answer.status_code, answer.json()["next_after"]) == (200, None)
    assert [(item["id"], item["outcome"]) for item in items] == [(id_, "parked") for id_ in ids]
    assert all(item["error"].startswith("UndecodableError") for item in items)
    gone = str(new_id())
    one = await service.client.post("/v1/parked/redrive", json={"ids": [gone]})
    assert one.json()["items"] == [{"id": gone, "outcome": "gone"}]


async def test_many_parked_events_are_discarded_at_once(service: Service) -> None:
    ids = [await park(service, n) for n in range(3)]
    none = {"all": True, "reason": "killed", "note": "too old"}
    chosen = {"ids": [ids[0], str(new_id())], "note": "too old"}
    everything = {"all": True, "reason": "error", "note": "too old"}
    answers = [
        await service.client.post("/v1/parked/discard", json=body, headers={"Idempotency-Key": key})
        for key, body in (("a", none), ("b", chosen), ("c", everything), ("b", chosen))
    ]
    assert [answer.json()["ids"] for answer in answers] == [[], ids[:1], ids[1:], ids[:1]]
    rows = await service.sql("SELECT DISTINCT status, closed_by, note FROM parked")
    assert [tuple(row) for row in rows] == [("discarded", "tester", "too old")]


async def test_a_selection_of_parked_events_is_either_ids_or_all(service: Service) -> None:
    id_ = await park(service, 1)
    for selection in ({}, {"ids": [id_], "all": True}, {"ids": [id_], "kind": "item"}):
        redrive = await service.client.post("/v1/parked/redrive", json=selection)
        body = selection | {"note": "n"}
        discard = await service.client.post(
            "/v1/parked/discard", json=body, headers={"Idempotency-Key": str(new_id())}
        )
        for answer in (redrive, discard):
            assert (answer.status_code, answer.json()["code"]) == (422, "no-selection")


async def test_parked_events_are_listed_by_reason(service: Service) -> None:
    await park(service, 1)
    found = [await service.client.get(f"/v1/parked?reason={reason}") for reason in ("error", "killed")]
    assert [len(answer.json()["items"]) for answer in found] == [1, 0]


async def test_parked_events_are_for_operators(service: Service) -> None:
    token = service.issuer.token(scope="notes:read notes:write")
    answer = await service.client.get("/v1/parked", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


async def test_a_number_series_is_shown_and_set(service: Service) -> None:
    await service.sql("INSERT INTO number_series (code, prefix, next_no) VALUES ('note', 'N-', 1001)")
    shown = await service.client.get("/v1/number-series/note")
    assert shown.json() == {"code": "note", "prefix": "N-", "next": 1001, "last": None}
    changed = await service.client.put(
        "/v1/number-series/note", json={"prefix": "N-", "next": 2000, "last": 2001}
    )
    assert changed.json() == {"code": "note", "prefix": "N-", "next": 2000, "last": 2001}
    async with service.database.begin() as tx:
        assert await series.take(tx, "note", 2) == ["N-2000", "N-2001"]


async def test_going_back_under_the_same_prefix_is_refused(service: Service) -> None:
    await service.sql("INSERT INTO number_series (code, prefix, next_no) VALUES ('note', 'N-', 1001)")
    back = await service.client.put("/v1/number-series/note", json={"prefix": "n-", "next": 1, "last": 5})
    fresh = await service.client.put("/v1/number-series/note", json={"prefix": "M-", "next": 1})
    wrong = await service.client.put("/v1/number-series/note", json={"prefix": "M-", "next": 9, "last": 5})
    unknown = await service.client.put("/v1/number-series/other", json={"prefix": "M-", "next": 1})
    assert [back.status_code, fresh.status_code, wrong.status_code, unknown.status_code] == [
        422,
        200,
        422,
        404,
    ]
    assert back.json()["code"] == "number-already-given"


async def test_metrics_name_routes_not_addresses(service: Service) -> None:
    for no in ("A", "B"):
        await service.client.get(f"/v1/notes/{no}")
    await service.client.get("/v1/nothing/here")
    text = (await service.client.get("/metrics")).text
    labels = 'method="GET",role="serve",route="/v1/notes/{no}",service="notes",status="404"'
    assert f"http_requests_total{{{labels}}}" in text
    assert "/v1/notes/A" not in text
    assert "/v1/nothing" not in text


async def test_a_request_id_and_a_trace_are_taken_over(service: Service) -> None:
    answer = await service.client.get("/health/live", headers={"X-Request-Id": "till-7:42"})
    made = await service.client.get("/health/live", headers={"X-Request-Id": "bad id\t!"})
    assert answer.headers["x-request-id"] == "till-7:42"
    assert made.headers["x-request-id"] != "bad id\t!"


async def test_the_openapi_document_knows_answers_and_problems(service: Service) -> None:
    document = (await service.client.get("/openapi.json")).json()
    create = document["paths"]["/v1/notes"]["post"]
    assert create["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Note"
    }
    assert document["components"]["schemas"]["Note"]["properties"]["quantity"]["type"] == "string"
    assert create["responses"]["422"]["content"]["application/problem+json"]["schema"]["$ref"].endswith(
        "/Problem"
    )
    assert {"bearer": ["notes:write"]} in create["security"]
    assert {p["name"] for p in create["parameters"]} >= {
        "Idempotency-Key",
        "If-Match",
        "Koppel-After",
    }
    assert "202" in document["paths"]["/v1/notes/{no}/send"]["post"]["responses"]
    listed = document["paths"]["/v1/notes"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    shown = [{"$ref": f"#/components/schemas/{name}"} for name in ("Note", "DeletedRecord")]
    assert listed["properties"]["items"]["items"] == {"anyOf": shown}
    assert "x-koppel-struct" not in str(document)
