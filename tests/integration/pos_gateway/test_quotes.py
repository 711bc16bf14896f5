"""Quotes over the API, and on their way to sales."""

from __future__ import annotations

from contracts.channel import ChannelOrder
from tests.integration.pos_gateway.shop import Till
from tests.support.service import codes


async def test_pos_56_a_quote_says_when_it_expires_and_sales_gets_its_day(till: Till) -> None:
    """POS-55, POS-13."""
    answer = await till.submit(till.order(kind="quote"))
    quote = answer.json()
    await till.gateway.post("/pull-jobs/P-0001/run", {}, expect=200)
    (pulled,) = await till.gateway.published(ChannelOrder, quote["confirmation_no"])

    assert (answer.status_code, quote["kind"], quote["deposit_required"], quote["status"]) == (
        202, "quote", "0.00", "pending",
    )  # fmt: skip
    assert quote["expires_at"] == "2026-04-01T21:59:59Z"
    assert (pulled.kind, str(pulled.expiry_date)) == ("quote", "2026-04-01")
    assert (await till.show(quote["confirmation_no"]))["expires_at"] == quote["expires_at"]


async def test_b15_a_bad_quote_is_refused_with_all_reasons(till: Till) -> None:
    cash = [{"method": "cash", "amount": "5.00"}]
    bad = await till.submit(till.order(kind="quote", payments=cash, expiry_date="2026-03-01"))
    other = await till.submit(till.order(kind="quote", expiry_date="2026-03-05"))
    far = await till.dry_run(till.order(kind="quote", expiry_date="9999-12-31"))

    assert (bad.status_code, codes(bad)) == (422, ["date-in-the-past", "payment-not-allowed"])
    assert (other.status_code, far.status_code) == (202, 200)
    assert far.json()["expires_at"].startswith("2036-02-28")
