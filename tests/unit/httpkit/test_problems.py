from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from eventkit.errors import OvertakenError, is_transient
from httpkit import problems
from httpkit.commit_queue import DecideAgain

CLOSED = asyncpg.ObjectNotInPrerequisiteStateError("database is not currently accepting connections")


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
        CLOSED,
        DBAPIError("SELECT 1", None, CLOSED),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_database_that_breaks_off_is_503_and_is_tried_again(error: Exception) -> None:
    refusal = problems.of_error(error)
    assert (problems.status_of(refusal), refusal.code) == (503, "database-unavailable")
    assert is_transient(error)


def test_a_statement_that_is_wrong_is_an_error_of_the_service() -> None:
    error = asyncpg.UndefinedColumnError("column x does not exist")
    assert problems.status_of(problems.of_error(error)) == 500
    assert not is_transient(error)


@pytest.mark.parametrize("error", [OvertakenError("made by another process"), DecideAgain()])
def test_what_another_act_overtakes_is_decided_again_and_in_the_end_409(error: Exception) -> None:
    refusal = problems.of_error(error)
    assert problems.is_transient(error)
    assert (problems.status_of(refusal), refusal.code, refusal.retry_after_s) == (409, "concurrent-change", 1)
