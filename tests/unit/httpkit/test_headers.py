from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from contracts.refusals import Refusal, conflict
from httpkit import copies, idempotency, preconditions, problems, responses, tracing
from httpkit.problems import status_of


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=5", 5),
        ("respond-async, wait=10", 10),
        ('wait = "7"', 7),
        ("return=minimal; wait=3", 3),
        ("wait=-1", 0),
        ("await=5", 0),
        ("wait=abc", 0),
        ("wait=5x", 0),
    ],
)
def test_the_wait_of_prefer_is_found(header: str, seconds: float) -> None:
    assert preconditions.preferred_wait_s(header) == seconds


def test_an_if_none_match_list_is_read() -> None:
    assert preconditions.is_unchanged('"3", W/"7"', 7)
    assert preconditions.is_unchanged("*", 7)
    assert not preconditions.is_unchanged('"70"', 7)


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        (None, set()),
        ("*", set()),
        ('"7"', {7}),
        ('"1","2"', {1, 2}),
        ('W/"1" , "foreign", "3"', {1, 3}),
    ],
)
def test_an_if_match_list_allows_several_versions(header: str | None, versions: set[int]) -> None:
    assert preconditions.allowed_versions(header) == versions


@pytest.mark.parametrize("header", ['"foreign"', "7", ",", ""])
def test_an_if_match_that_names_no_version_never_matches(header: str) -> None:
    with pytest.raises(Refusal) as refused:
        preconditions.allowed_versions(header)
    assert refused.value.code == "stale-version"


seen = st.lists(
    st.tuples(
        st.sampled_from(["sales-order", "item-vendor", "item"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
        st.integers(1, 10**12),
    ),
    max_size=10,
)


@given(seen)
def test_koppel_seen_is_ascii_and_koppel_after_reads_it_back(entries: list[tuple[str, str, int]]) -> None:
    header = dict(responses.seen_headers(entries)).get(b"koppel-seen", b"").decode("ascii")
    newest: dict[tuple[str, str], int] = {}
    for kind, no, version in entries:
        newest[kind, no] = max(version, newest.get((kind, no), 0))
    assert copies.parse_after(header) == newest


@given(st.text(max_size=100))
def test_any_koppel_after_is_read_or_refused(header: str) -> None:
    statuses = [200]
    try:
        copies.parse_after(header)
    except Refusal as refusal:
        statuses = [status_of(refusal)]
    assert statuses[0] in {200, 400}


def test_a_location_cannot_leave_its_path() -> None:
    assert responses.location_of("/v1/notes/{no}", "A/../B C") == "/v1/notes/A%2F..%2FB%20C"


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans(), st.none()), max_size=5))
def test_a_fingerprint_does_not_see_white_space_and_order(body: dict[str, object]) -> None:
    plain = json.dumps(body).encode()
    other = json.dumps(dict(reversed(body.items())), indent=3, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    assert idempotency.fingerprint(plain) == idempotency.fingerprint(other)


def test_another_value_is_another_fingerprint() -> None:
    prints = {
        idempotency.fingerprint(b) for b in (b"", b"{}", b'{"a":1}', b'{"a":2}', b'{"a":"x"}', b"not json")
    }
    assert len(prints) == 6


@pytest.mark.parametrize("trace", ["", "x", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "00-" + "G" * 32])
def test_an_unusable_trace_is_replaced(trace: str) -> None:
    scope: dict[str, object] = {"type": "http", "method": "GET", "path": "/", "headers": []}
    tracing.begin(scope, None, trace.encode())
    context = tracing.context_of(Request(scope), "me")
    assert len(context.traceparent) == 55
    assert "0" * 32 not in context.traceparent


def test_a_usable_trace_goes_on_with_a_span_of_its_own() -> None:
    scope: dict[str, object] = {"type": "http", "method": "GET", "path": "/", "headers": []}
    trace_id, span = "a" * 32, "b" * 16
    tracing.begin(scope, b"till-1", f"00-{trace_id}-{span}-01".encode())
    context = tracing.context_of(Request(scope), "me")
    assert (context.correlation_id, context.causation_id, context.by) == ("till-1", "till-1", "me")
    assert trace_id in context.traceparent
    assert span not in context.traceparent


def test_a_problem_is_encoded_whatever_the_caller_sent() -> None:
    answer = problems.respond(problems.refusal(422, "bad", "lone \ud800 surrogate", pointer="/\udfff"))
    assert answer.media_type == "application/problem+json"
    assert b"lone" in bytes(answer.body)


def test_members_cannot_overwrite_the_problems_own() -> None:
    refusal = conflict("received-meanwhile", "5, not 3", base="3", total="5", line_no=10000)
    document = problems.document(409, refusal.violations)
    assert document["title"] == "Received meanwhile"
    assert (document["status"], document["total"], document["line_no"]) == (409, "5", 10000)
    assert document["errors"][0]["base"] == "3"
