"""Persons repair returns that tills carried out offline: what they name, never the money that went back (POS-101)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from tests.integration.pos_gateway.shop import Till
from tests.integration.pos_gateway.standin import StandIn
from tests.integration.pos_gateway.test_acts import sweep
from tests.integration.pos_gateway.test_returning import bought, invoice, offline, upload
from tests.support.service import codes

PATH = "/offline-returns"
RACES = 20


async def failed(till: Till, **filters: Any) -> list[dict[str, Any]]:
    answer = await till.gateway.get(PATH, status="failed", **filters)
    return list(answer["items"])


async def repair(
    till: Till, id_: Any, payload: dict[str, Any], *, version: int | None = None, **more: Any
) -> httpx.Response:
    body = {"payload": payload} | more
    return await till.gateway.send("PATCH", f"{PATH}/{id_}", body, headers=seen(version))


async def asked(till: Till, id_: Any, what: str, *, version: int | None = None) -> httpx.Response:
    path = f"{PATH}/{id_}/{what}"
    return await till.gateway.send("POST", path, {}, key=str(uuid4()), headers=seen(version))


def seen(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def pieces(quantity: str) -> dict[str, Any]:
    return {"lines": [{"line_no": 10000, "quantity": quantity, "reason_code": "DAMAGED"}]}


async def test_a_repaired_return_goes_to_sales_and_its_money_stays(waiting: Till, sales: StandIn) -> None:
    """POS-101, POS-127: 400 went back for four of three pieces; one that comes back is credited, the rest is owed."""
    no = await bought(waiting, sales)
    await upload(waiting, offline(waiting, no, "4", "400.00"))
    (found,) = await failed(waiting, confirmation_no=no)
    rehearsed = await repair(waiting, found["id"], pieces("1"), dry_run=True)
    unchanged = await waiting.gateway.get(f"{PATH}/{found['id']}")
    changed = await repair(waiting, found["id"], pieces("1"))
    again = await asked(waiting, found["id"], "resubmit")
    await sweep(waiting.gateway)
    await sweep(waiting.gateway)
    order = await waiting.show(no)
    done = await waiting.gateway.get(f"{PATH}/{found['id']}")

    assert [e["code"] for e in found["errors"]] == ["quantity-exceeds-returnable"]
    assert (rehearsed.status_code, rehearsed.json()["payload"]["lines"][0]["quantity"]) == (200, "1")
    assert unchanged == found
    assert (changed.status_code, changed.json()["status"]) == (200, "editing"), changed.text
    assert (again.status_code, again.json()["status"]) == (200, "waiting"), again.text
    assert [str(line.quantity) for line in sales.asked[-1].acts[-1].lines] == ["1"]
    assert (done["status"], done["errors"]) == ("done", [])
    assert [x["amount"] for x in order["refunds"]] == ["400.00"]
    assert (order["errors"], order["balance"]) == ([], "300.00")


async def test_a_return_is_moved_to_the_order_that_it_belongs_to(waiting: Till, sales: StandIn) -> None:
    """Its money counts there, and not for the order that the till named."""
    wrong = await bought(waiting, sales)
    right = await bought(waiting, sales)
    await upload(waiting, offline(waiting, wrong, "4"), offline(waiting, "K-0"))
    of_wrong, of_none = await failed(waiting)
    for each in (of_wrong, of_none):
        moved = await repair(waiting, each["id"], {"confirmation_no": right} | pieces("1"))
        assert (moved.status_code, moved.json()["confirmation_no"]) == (200, right), moved.text
    before, kept = await waiting.show(right), await waiting.show(wrong)
    for count, each in enumerate((of_wrong, of_none)):
        await asked(waiting, each["id"], "resubmit")
        await invoice(waiting, sales, right, str(count), version=100 + count)
        await sweep(waiting.gateway)
        await sweep(waiting.gateway)
    order = await waiting.show(right)
    ended = (await waiting.gateway.get(PATH))["items"]

    assert [(x["status"], x["errors"]) for x in ended] == [("done", [])] * 2
    assert (kept["refunds"], kept["errors"], kept["balance"]) == ([], [], "0.00")
    assert ([x["amount"] for x in before["refunds"]], before["balance"]) == (["100.00"] * 2, "200.00")
    assert ([x["amount"] for x in order["refunds"]], order["balance"]) == (["100.00"] * 2, "0.00")
    assert order["errors"] == []


async def test_a_return_that_is_given_up_stays_owed(waiting: Till, sales: StandIn) -> None:
    """POS-95: and nothing more is done with it."""
    no = await bought(waiting, sales)
    await upload(waiting, offline(waiting, no, "4", "400.00"))
    (found,) = await failed(waiting)
    given_up = await asked(waiting, found["id"], "void")
    order = await waiting.show(no)
    later = [await asked(waiting, found["id"], what) for what in ("void", "resubmit")]
    later.append(await repair(waiting, found["id"], pieces("1")))

    assert (given_up.status_code, given_up.json()["status"]) == (200, "void"), given_up.text
    assert (order["errors"], order["balance"]) == ([], "400.00")
    for answer in later:
        assert (answer.status_code, codes(answer)) == (409, ["transaction-not-open"])


async def test_a_repair_that_sales_could_not_be_asked_for_is_refused(waiting: Till, sales: StandIn) -> None:
    """POS-101: nothing of it is kept; a till repairs nothing."""
    no = await bought(waiting, sales)
    await upload(waiting, offline(waiting, no, "4", "400.00"))
    (found,) = await failed(waiting)
    too_many = await repair(waiting, found["id"], pieces("5"))
    unknown = await repair(waiting, found["id"], {"confirmation_no": "K-0"})
    identity = await repair(waiting, found["id"], {"refunds": []})
    nowhere = await repair(waiting, uuid4(), pieces("1"))
    at_till = await waiting.gateway.send("GET", PATH, token=waiting.token)

    assert (too_many.status_code, codes(too_many)) == (422, ["quantity-exceeds-returnable"])
    assert (unknown.status_code, codes(unknown)) == (422, ["unknown-customer-order"])
    assert (identity.status_code, codes(identity)) == (422, ["unknown-field"])
    assert (nowhere.status_code, codes(nowhere)) == (404, ["unknown-offline-return"])
    assert at_till.status_code == 403
    assert (await waiting.gateway.get(f"{PATH}/{found['id']}")) == found


async def test_of_two_persons_at_once_one_decides(waiting: Till) -> None:
    """Twenty rounds: a return is given up, or sent again; also one that no order is known of."""
    await upload(waiting, *(offline(waiting, "K-0") for _ in range(RACES)))
    for found in await failed(waiting):
        answers = await asyncio.gather(*(asked(waiting, found["id"], what) for what in ("void", "resubmit")))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        winner = next(answer for answer in answers if answer.status_code == 200)
        after = await waiting.gateway.get(f"{PATH}/{found['id']}")
        assert after["status"] == winner.json()["status"]


async def test_a_person_acts_on_the_version_that_was_seen(waiting: Till, sales: StandIn) -> None:
    no = await bought(waiting, sales)
    await upload(waiting, offline(waiting, no, "4", "400.00"))
    (found,) = await failed(waiting)
    path = f"{PATH}/{found['id']}"
    unchanged = await waiting.gateway.send("GET", path, headers={"If-None-Match": '"1"'})
    again = await repair(waiting, found["id"], pieces("2"), version=1)
    older = [await asked(waiting, found["id"], what, version=1) for what in ("resubmit", "void")]
    older.append(await repair(waiting, found["id"], pieces("1"), version=1))

    assert (found["version"], unchanged.status_code, again.headers["ETag"]) == (1, 304, '"2"')
    for answer in older:
        assert (answer.status_code, codes(answer)) == (412, ["stale-version"])


async def test_of_two_repairs_at_once_none_is_lost(waiting: Till, sales: StandIn) -> None:
    """Twenty rounds: the second one to come sees the first, or is refused."""
    no = await bought(waiting, sales)
    await upload(waiting, *(offline(waiting, no, "4", "1.00") for _ in range(RACES)))
    for found in await failed(waiting):
        one = {"lines": [{"line_no": 10000, "quantity": "1", "reason_code": "DAMAGED"}]}
        other = {
            "shipping_refund": None,
            "lines": [{"line_no": 10000, "quantity": "2", "reason_code": "OLD"}],
        }
        answers = await asyncio.gather(*(repair(waiting, found["id"], payload) for payload in (one, other)))
        after = await waiting.gateway.get(f"{PATH}/{found['id']}")
        statuses = [answer.status_code for answer in answers]
        assert after["version"] == 1 + statuses.count(200)
        for answer in answers:
            if answer.status_code != 200:
                assert (answer.status_code, codes(answer)) == (409, ["act-in-progress"])
