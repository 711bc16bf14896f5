"""`Koppel-After` names a version that could not be applied here: asking again does not help, so nobody is told to."""

from __future__ import annotations

from tests.integration.httpkit.conftest import Service
from tests.integration.httpkit.test_copies import ADD, create

PARK = """
INSERT INTO parked (id, cluster_id, topic, partition, "offset", kind, no, version, record, reason, error, parked_at)
VALUES (gen_random_uuid(), 'c', 't', 0, $3, $1, $2, $3, '', 'error', 'LookupError: no such place', now())
"""


async def test_a_request_goes_on_without_what_is_parked_and_says_so(service: Service) -> None:
    await service.sql(ADD, "item", "I-1", 6)
    await service.sql(PARK, "item", "I-1", 7)
    answer = await create(service, **{"Koppel-After": "item/I-1@7"})
    assert (answer.status_code, answer.headers["koppel-parked"]) == (201, "item/I-1@7;reason=error")
    read = await service.client.get("/v1/notes", headers={"Koppel-After": "item/I-1@7"})
    assert (read.status_code, read.headers["koppel-parked"]) == (200, "item/I-1@7;reason=error")


async def test_a_version_behind_the_parked_one_is_waited_for(service: Service) -> None:
    await service.sql(PARK, "item", "I-1", 7)
    answer = await create(service, **{"Koppel-After": "item/I-1@8"})
    assert (answer.status_code, answer.json()["code"]) == (503, "copy-not-there-yet")


async def test_what_was_parked_and_is_here_by_now_is_not_named(service: Service) -> None:
    await service.sql(PARK, "item", "I-1", 7)
    await service.sql(ADD, "item", "I-1", 8)
    answer = await create(service, **{"Koppel-After": "item/I-1@7"})
    assert answer.status_code == 201
    assert "koppel-parked" not in answer.headers
