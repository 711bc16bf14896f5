"""Idempotency-Key: an act that was done is not done again, its caller is told the outcome again.

The key is stored in the act's own transaction, so it exists exactly if the act was done. While it is being done a
transaction-level advisory lock stands for it; a process that dies gives it back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text
from starlette.requests import Request

from contracts.refusals import Refusal
from eventkit.transaction import Database, Transaction, json_rows
from httpkit import problems
from httpkit.commit_queue import LATER, DecideAgain, Later
from servicekit.jobs import Job

CLAIM = text("""
SELECT r.i, pg_try_advisory_xact_lock(r.lock) AS mine,
       k.fingerprint, k.status, k.location, k.kind, k.no, k.version, k.operation_id, k.answer
FROM json_to_recordset(CAST(:rows AS json)) AS r(i int, scope text, key text, lock bigint)
LEFT JOIN idempotency k ON k.scope = r.scope AND k.key = r.key
""")

STORE = text("""
INSERT INTO idempotency (scope, key, fingerprint, status, location, kind, no, version, operation_id, answer,
                         created_at)
SELECT scope, key, fingerprint, status, location, kind, no, version, operation_id, answer, :now
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    scope text, key text, fingerprint text, status int, location text, kind text, no text, version bigint,
    operation_id uuid, answer json)
ON CONFLICT (scope, key) DO NOTHING
""")

LOOK_UP = text("""
SELECT fingerprint, status, location, kind, no, version, operation_id, answer
FROM idempotency WHERE scope = :scope AND key = :key
""")

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
        """The advisory lock that stands for the key while its act is being done."""
        digest = hashlib.sha256(f"{self.scope}\0{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


class Record(msgspec.Struct, frozen=True):
    """What was answered under a key."""

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
    """The same for bodies that mean the same: white space and the order of members do not count."""
    try:
        canonical = msgspec.json.encode(_decode_lenient(body), order="deterministic") if body else b""
    except (msgspec.MsgspecError, ValueError, RecursionError):
        canonical = body
    return hashlib.sha256(canonical).hexdigest()


async def claim(tx: Transaction, keys: Sequence[Key | None]) -> list[Record | Refusal | Later | None]:
    """Claim keys until the transaction ends; per key what is to be done with its call.

    None: do the act. Else the record of an earlier answer, a refusal, or LATER for a key that stands twice in the
    batch: the next transaction knows what became of the first.
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
    if stored[0] is not None:
        return same_request(key, _record(stored))
    return None if mine else _running()


def _record(stored: Sequence[Any]) -> Record:
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
    """Remember answers. If another process was faster with one of the keys, all is decided again."""
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


async def look_up(database: Database, key: Key) -> Record | None:
    """What was answered under a key, if anything; 422 if for another body."""
    async with database.read() as conn:
        row = (await conn.execute(LOOK_UP, {"scope": key.scope, "key": key.key})).first()
    if row is None:
        return None
    found = same_request(key, _record(row))
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
