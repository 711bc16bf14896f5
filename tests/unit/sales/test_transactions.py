"""What becomes of a till's transaction, and when a failed one is tried again."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.refusals import invalid
from sales.domain.channel.transactions import (
    MAX_ATTEMPTS,
    RETRY_CAP_S,
    MadeOrder,
    TillTransaction,
    failed,
    failed_on_defect,
    fault_class,
    retry_after_s,
    snapshot,
    succeeded,
    systemic_fault,
)
from tests.unit.sales.samples import NOW
from tests.unit.sales.test_till_orders import line, till

CONFIGURATION = invalid("charge-code-not-configured", "x")
DATA = invalid("unknown-item", "x")


def transaction() -> TillTransaction:
    return TillTransaction(transaction_id=UUID(int=7), payload=till(line(10000, "STOCK")))


def failures(count: int) -> list[TillTransaction]:
    """The transaction after each of so many failures."""
    found = [transaction()]
    for _ in range(count):
        found.append(failed(found[-1], CONFIGURATION, NOW, 0.0))
    return found[1:]


def test_faults_of_the_set_up_are_told_apart_from_those_of_the_data() -> None:
    """POS-100."""
    assert fault_class(CONFIGURATION) == "configuration"
    assert fault_class(DATA) == "data"


def test_an_error_of_the_program_is_no_fault_of_the_set_up_or_the_data() -> None:
    after = failed_on_defect(transaction(), NOW, 0.0)
    assert (after.status, after.fault_class, after.attempts) == ("failed", "internal", 1)
    assert [problem.code for problem in after.errors] == ["internal-error"]


def test_retries_come_after_growing_pauses() -> None:
    """POS-106."""
    times = [each.next_attempt_at for each in failures(MAX_ATTEMPTS - 1)]
    pauses = [(at - NOW).total_seconds() for at in times if at]
    assert pauses == sorted(set(pauses))


def test_the_last_attempt_is_not_followed_by_another() -> None:
    """POS-106."""
    statuses = [each.status for each in failures(MAX_ATTEMPTS)]
    assert statuses == ["failed"] * (MAX_ATTEMPTS - 1) + ["dead"]
    assert failures(MAX_ATTEMPTS)[-1].next_attempt_at is None


@pytest.mark.parametrize("attempts", [1, 3, 30])
def test_pauses_are_capped_and_spread(attempts: int) -> None:
    assert retry_after_s(attempts, 0.0) < retry_after_s(attempts, 1.0) <= RETRY_CAP_S * 1.25


def test_success_clears_what_was_wrong() -> None:
    done = succeeded(failures(1)[0], MadeOrder("S-1", "C1"), NOW)
    assert (done.status, done.fault_class, done.errors, done.next_attempt_at) == ("succeeded", "", (), None)
    assert (done.attempts, done.version) == (2, 2)


def test_the_gateway_learns_the_order_and_the_attempts() -> None:
    event = snapshot(succeeded(transaction(), MadeOrder("S-1", "C1", "SI-1"), NOW), "succeeded")
    assert (event.confirmation_no, event.store_no, event.sales_order_no) == ("K-1", "ST1", "S-1")
    assert event.invoice_no == "SI-1"
    assert (event.attempts, event.synchronized_at, event.happened) == (1, NOW, ("succeeded",))


def test_a_fault_of_the_setup_that_all_meet_pauses_the_queue() -> None:
    """POS-100: not one that some meet, nor one order that names what was never set up, nor faults of the data."""
    assert systemic_fault([CONFIGURATION] * 3, 3) == "charge-code-not-configured"
    assert systemic_fault([CONFIGURATION] * 3, 4) == ""
    assert systemic_fault([CONFIGURATION], 1) == ""
    assert systemic_fault([CONFIGURATION, CONFIGURATION, DATA], 3) == ""
    assert systemic_fault([DATA] * 3, 3) == ""
