"""What sales refuses points into the till's request."""

from __future__ import annotations

from contracts.refusals import Refusal, Violation
from httpkit.reader import read
from pos_gateway.domain.acts.edit_commands import EditOrder
from pos_gateway.domain.acts.pointing import pointed

EDIT = read(
    EditOrder,
    {
        "transaction": {"store_no": "S1", "terminal_no": "T1", "business_date": "2026-03-02", "sequence": 1},
        "occurred_at": "2026-03-02T10:00:00+01:00",
        "lines": [{"item_no": "1000"}, {"line_no": 20000, "quantity": "2"}],
        "remove_line_nos": [10000],
    },
)


def linked(pointer: str, line_no: int | None) -> str:
    members = {} if line_no is None else {"line_no": line_no}
    violation = Violation("line-linked-to-purchase-order", "it is bought", pointer, members)
    return pointed(Refusal(violation), EDIT).violations[0].pointer


def test_a_refused_line_is_named_where_the_till_has_sent_it() -> None:
    assert linked("/quantity", 20000) == "/lines/1/quantity"
    assert linked("", 10000) == "/remove_line_nos/0"
    assert linked("/quantity", 10000) == "/remove_line_nos/0"


def test_what_concerns_no_line_of_the_request_stays() -> None:
    assert linked("/totals/total", None) == "/totals/total"
    assert linked("/quantity", 30000) == "/quantity"
    assert linked("/lines/0/quantity", 20000) == "/lines/0/quantity"
