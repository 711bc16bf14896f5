"""Idempotency-Key: a repeated request does not repeat the act; it gets the same outcome.

The key is stored in the act's own transaction, so it exists exactly if the act was committed. Until then a
transaction-level advisory lock reserves it; PostgreSQL releases the lock if the process dies.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text
from starlette.requests import Request

from contracts.refusals import Refusal
from eventkit.transaction import Database, Transaction, json_fields, json_rows
from httpkit import jsonbody, problems
from httpkit.commit_queue import LATER, DecideAgain, Later
from servicekit.jobs import Job

# `pg_try_…` instead of a blocking lock: a repetition that arrives while the first request runs is answered 409 at once
# instead of waiting with a connection. The statement sees rows as of its start: if the first request commits while it
# runs, the lock is granted although the row is not seen. The act then meets what the first request has done. `store`
# or `check_unused` finds the key taken, and all is decided again.
CLAIM = text("""
SELECT r.i, pg_try_advisory_xact_lock(r.lock) AS mine,
       k.fingerprint, k.status, k.location, k.kind, k.no, k.version, k.operation_id, k.answer
FROM json_to_recordset(CAST(:rows AS json)) AS r(i int, scope text, key text, lock bigint)
LEFT JOIN idempotency k ON k.scope = r.scope AND k.key = r.key
""")

# A key that is there already was stored after this transaction's snapshot: the count of rows shows it (`store`).
STORE = text("""
INSERT INTO idempotency (scope, key, fingerprint, status, location, kind, no, version, operation_id, answer,
                         created_at)
SELECT scope, key, fingerprint, status, location, kind, no, version, operation_id, answer, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    scope text, key text, fingerprint text, status int, location text, kind text, no text, version bigint,
    operation_id uuid, answer json)
ON CONFLICT (scope, key) DO NOTHING
""")

FIND_USED = text("""
SELECT 1 FROM idempotency k JOIN json_to_recordset(CAST(:rows AS json)) AS r(scope text, key text) USING (scope, key)
LIMIT 1
""")

LOOK_UP = text("""
SELECT fingerprint, status, location, kind, no, version, operation_id, answer
FROM idempotency WHERE scope = :scope AND key = :key
""")

# SKIP LOCKED: where two processes run this job, each takes other rows instead of waiting.
FORGET = text("""
DELETE FROM idempotency WHERE (scope, key) IN (
    SELECT scope, key FROM idempotency WHERE created_at < :before ORDER BY created_at LIMIT :most
    FOR UPDATE SKIP LOCKED)
""")

SCOPE_MAX_CHARS: Final = 300
RUNNING_RETRY_AFTER_S: Final = 1
FORGET_BATCH_ROWS: Final = 5000
FORGET_EVERY_S: Final = 600.0
_KEY: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)
_decode_lenient: Final = msgspec.json.Decoder(float_hook=str).decode


class Key(msgspec.Struct, frozen=True):
    """A caller's key on one method and path, and what its body was."""

    scope: str
    key: str
    fingerprint: str

    @property
    def lock(self) -> int:
        """The number of the key's advisory lock (64 bits). A collision can only cause a needless 409."""
        digest = hashlib.sha256(f"{self.scope}\0{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


class Record(msgspec.Struct, frozen=True):
    """The stored answer of a key; `answer` is None where the resource can be read again."""

    fingerprint: str
    status: int
    location: str | None = None
    kind: str | None = None
    no: str | None = None
    version: int = 0
    operation_id: UUID | None = None
    answer: msgspec.Raw | None = None


class _Row(msgspec.Struct):
    scope: str
    key: str
    fingerprint: str
    status: int
    location: str | None
    kind: str | None
    no: str | None
    version: int
    operation_id: UUID | None
    answer: msgspec.Raw | None


async def key_of(request: Request, header: str | None, caller: str) -> Key | None:
    """The key that an Idempotency-Key header gives the request; None without one, 400 if it is unusable."""
    if header is None:
        return None
    key = header.strip()
    if not key:
        raise missing_key()
    if not _KEY.fullmatch(key):
        raise problems.refusal(
            400, "idempotency-key-invalid", "an Idempotency-Key has 1 to 255 printable ASCII characters"
        )
    return Key(scope_of(caller, request), key, fingerprint(await request.body()))


def missing_key() -> Refusal:
    """400: the request needs a key."""
    return problems.refusal(
        400,
        "idempotency-key-missing",
        "send an Idempotency-Key header, so that a repeated request is not done twice",
    )


def scope_of(caller: str, request: Request) -> str:
    """Caller, method and path; of a long path its digest, because an index entry cannot be long."""
    scope = f"{caller} {request.method} {request.scope['path']}"
    if len(scope) <= SCOPE_MAX_CHARS:
        return scope
    return f"{request.method} {hashlib.sha256(scope.encode()).hexdigest()}"


def fingerprint(body: bytes) -> str:
    """A digest that is equal for equal JSON: white space and the order of members do not count."""
    if not body or jsonbody.has_too_many_values(body):
        return hashlib.sha256(body).hexdigest()  # of the second kind the body reader refuses each
    try:
        canonical = msgspec.json.encode(_decode_lenient(body), order="deterministic")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        canonical = body  # not JSON: the body reader refuses it later, with the right status
    return hashlib.sha256(canonical).hexdigest()


async def claim(tx: Transaction, keys: Sequence[Key | None]) -> list[Record | Refusal | Later | None]:
    """Claim keys until the transaction ends; the result says per key how its call goes on.

    None: run the act. Otherwise the record of an earlier answer, a refusal, or LATER for the second use of a key
    within the batch: the next transaction finds the answer of the first.
    """
    outcomes: list[Record | Refusal | Later | None] = [None] * len(keys)
    rows: list[dict[str, Any]] = []
    first: set[tuple[str, str]] = set()
    for i, key in enumerate(keys):
        if key is None:
            continue
        if (key.scope, key.key) in first:
            outcomes[i] = LATER
            continue
        first.add((key.scope, key.key))
        rows.append({"i": i, "scope": key.scope, "key": key.key, "lock": key.lock})
    if rows:
        for row in await tx.all(CLAIM, rows=json_rows(rows)):
            i, mine, stored = row.i, row.mine, tuple(row)[2:]
            key = keys[i]
            assert key is not None  # noqa: S101 - only keys were asked for
            outcomes[i] = _outcome(key, mine, stored)
    return outcomes


def _outcome(key: Key, mine: Any, stored: Sequence[Any]) -> Record | Refusal | None:
    # The record counts more than the lock: a transaction that has just ended no longer holds it.
    if stored[0] is not None:
        return same_request(key, _record(stored))
    return None if mine else _running()


def _record(stored: Iterable[Any]) -> Record:
    print_, status, location, kind, no, version, operation_id, answer = stored
    raw = None if answer is None else msgspec.Raw(answer.encode())
    return Record(print_, status, location, kind, no, version, operation_id, raw)


def same_request(key: Key, record: Record) -> Record | Refusal:
    """The record, unless the key was used for another body (422)."""
    if record.fingerprint == key.fingerprint:
        return record
    return problems.refusal(
        422, "idempotency-key-reused", "this Idempotency-Key was used for a request with another body"
    )


def _running() -> Refusal:
    return problems.refusal(
        409,
        "idempotency-key-running",
        "the request with this Idempotency-Key is still being worked on",
        retry_after_s=RUNNING_RETRY_AFTER_S,
    )


async def store(tx: Transaction, done: Sequence[tuple[Key, Record]]) -> None:
    """Store answers. If another process has stored one of the keys, the whole batch is decided again."""
    if not done:
        return
    rows = [
        _Row(
            k.scope,
            k.key,
            k.fingerprint,
            r.status,
            r.location,
            r.kind,
            r.no,
            r.version,
            r.operation_id,
            r.answer,
        )
        for k, r in done
    ]
    if await tx.run(STORE, rows=json_rows(rows), now=tx.now) != len(rows):
        raise DecideAgain


async def check_unused(tx: Transaction, refused: Sequence[Key]) -> None:
    """Before calls are answered with a refusal: if one of their keys was used after all, the batch is decided again.

    Else a repetition could be refused because of its own first request, for example as already there or as stale.
    """
    if refused and await tx.all(FIND_USED, rows=json_fields(refused, "scope", "key")):
        raise DecideAgain


async def look_up(database: Database, key: Key) -> Record | None:
    """The record of a key, or None; 422 if the key was used for another body."""
    rows = await database.find(LOOK_UP, scope=key.scope, key=key.key)
    if not rows:
        return None
    found = same_request(key, _record(rows[0]))
    if isinstance(found, Refusal):
        raise found
    return found


def forget_old(days: int = 7) -> Callable[[Database], Awaitable[None]]:
    """The `run` of a job that forgets keys older than `days`, some at a time so that no transaction gets long."""

    async def run(database: Database) -> None:
        while True:
            async with database.begin() as tx:
                before = tx.now - timedelta(days=days)
                if await tx.run(FORGET, before=before, most=FORGET_BATCH_ROWS) < FORGET_BATCH_ROWS:
                    return

    return run


def forget_keys(days: int = 7) -> Job:
    """The job of every service that takes Idempotency-Keys."""
    return Job("forget-keys", forget_old(days), FORGET_EVERY_S)
