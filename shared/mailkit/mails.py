"""The queue of mails: one row each, from the transaction that decided it until the mail server took it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import column, table, text
from sqlalchemy import types as t

from contracts.fields import EXAMPLE_ID, EmailAddress, Timestamp, choice
from eventkit.ids import new_id
from eventkit.transaction import Transaction, json_fields, json_texts
from paperkit.paper import Paper

FIRST_RETRY_S: Final = 10
LAST_RETRY_S: Final = 3600
ATTEMPTS_MAX: Final = 40
"""With these delays about a day and a half."""


class NewMail(msgspec.Struct, frozen=True, kw_only=True):
    """A document to be mailed: which one, to whom, and what stands on it. `by`: who asked for it."""

    id: UUID = msgspec.field(default_factory=new_id)
    kind: str
    no: str
    revision: int = 1
    recipient: str
    subject: str
    paper: Paper
    by: str


class DueMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail whose turn it is. `attempts` counts this one too."""

    id: UUID
    no: str
    revision: int
    recipient: str
    subject: str
    paper: Paper
    attempts: int


class MailAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A mail and what became of it."""

    id: Annotated[UUID, Meta(description="Identifies the mail.", examples=[EXAMPLE_ID])]
    kind: Annotated[str, Meta(description="Kind of the document.", examples=["purchase-order"])]
    no: Annotated[str, Meta(description="Number of the document.", examples=["P-1001"])]
    revision: Annotated[int, Meta(description="Revision that was printed.", examples=[1])]
    recipient: EmailAddress
    subject: Annotated[str, Meta(description="Subject.", examples=["Purchase order P-1001"])]
    status: Annotated[
        str,
        choice("queued", "sent", "failed"),
        Meta(
            description="`queued`: tried until it is out; `sent`: the mail server took it; `failed`: given up.",
            examples=["sent"],
        ),
    ]
    attempts: Annotated[int, Meta(description="How often it was tried.", examples=[1])]
    next_try_at: Annotated[Timestamp, Meta(description="When a queued one is tried again.")]
    error: Annotated[str, Meta(description="Why the last attempt failed.", examples=["450 mailbox busy"])]
    queued_at: Annotated[Timestamp, Meta(description="When it was queued.")]
    queued_by: Annotated[str, Meta(description="Who asked for it.", examples=["anna"])]
    sent_at: Annotated[Timestamp, Meta(description="When the mail server took it.")] | None


QUEUE = text("""
INSERT INTO mail (id, kind, no, revision, recipient, subject, paper, next_try_at, queued_at, queued_by)
SELECT r.id, r.kind, r.no, r.revision, r.recipient, r.subject, r.paper, :now, :now, r.by
FROM ROWS FROM (
    json_to_recordset(CAST(:rows AS json)) AS (
        id uuid, kind text, no text, revision int, recipient text, subject text, by text),
    unnest(CAST(:papers AS json[]))
) AS r(id, kind, no, revision, recipient, subject, by, paper)
""")

# The claim is the delay until the next attempt: what a crash leaves is tried again after it, and no row stays claimed.
TAKE = text("""
WITH due AS (
    SELECT id FROM mail WHERE status = 'queued' AND next_try_at <= :now
    ORDER BY next_try_at LIMIT :most FOR UPDATE SKIP LOCKED
)
UPDATE mail m
SET attempts = attempts + 1,
    next_try_at = CAST(:now AS timestamptz)
                  + make_interval(secs => LEAST(:first_s * power(2, LEAST(attempts, 20)), :last_s))
FROM due WHERE m.id = due.id
RETURNING m.id, m.no, m.revision, m.recipient, m.subject, CAST(m.paper AS text), m.attempts
""")

SENT = text("UPDATE mail SET status = 'sent', sent_at = :now, error = '' WHERE id = :id")

TRIED = text("UPDATE mail SET status = :status, error = :error WHERE id = :id AND status = 'queued'")

COUNT = text("SELECT status, count(*) FROM mail WHERE status <> 'sent' GROUP BY status")

MAILS: Final = table(
    "mail",
    column("id", t.Uuid()),
    column("kind", t.Text()),
    column("no", t.Text()),
    column("revision", t.Integer()),
    column("recipient", t.Text()),
    column("subject", t.Text()),
    column("status", t.Text()),
    column("attempts", t.Integer()),
    column("next_try_at", t.DateTime(timezone=True)),
    column("error", t.Text()),
    column("queued_at", t.DateTime(timezone=True)),
    column("queued_by", t.Text()),
    column("sent_at", t.DateTime(timezone=True)),
)


async def queue(tx: Transaction, mails: Sequence[NewMail]) -> None:
    """Queue mails; they are sent once the transaction has committed."""
    if not mails:
        return
    rows = json_fields(mails, "id", "kind", "no", "revision", "recipient", "subject", "by")
    papers = json_texts(mail.paper for mail in mails)
    await tx.run(QUEUE, rows=rows, papers=papers, now=tx.now)


async def take(tx: Transaction, most: int) -> list[DueMail]:
    """Mails that are due, claimed until their next attempt would be."""
    rows = await tx.all(TAKE, now=tx.now, most=most, first_s=FIRST_RETRY_S, last_s=LAST_RETRY_S)
    return [
        DueMail(
            id=id_,
            no=no,
            revision=revision,
            recipient=recipient,
            subject=subject,
            paper=msgspec.json.decode(paper, type=Paper),
            attempts=attempts,
        )
        for id_, no, revision, recipient, subject, paper, attempts in rows
    ]


async def mark_sent(tx: Transaction, id_: UUID) -> None:
    """Mark a mail as sent: the mail server took it."""
    await tx.run(SENT, id=id_, now=tx.now)


async def mark_tried(tx: Transaction, id_: UUID, error: str, *, given_up: bool) -> None:
    """An attempt failed: it is tried again, unless it is given up."""
    await tx.run(TRIED, id=id_, error=error, status="failed" if given_up else "queued")


def answer(row: Any) -> MailAnswer:
    """A mail as the API shows it, of a row of the query."""
    return MailAnswer(**{c.name: getattr(row, c.name) for c in MAILS.columns})
