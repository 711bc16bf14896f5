"""The mail kit's table; the migrations of services that send mail execute it."""

from __future__ import annotations

MAIL_0001 = """
CREATE TABLE mail (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    no          text COLLATE "C" NOT NULL,
    revision    int NOT NULL,
    recipient   text NOT NULL,
    subject     text NOT NULL,
    paper       json NOT NULL,
    status      text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'failed')),
    attempts    int NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    error       text NOT NULL DEFAULT '',
    queued_at   timestamptz NOT NULL,
    queued_by   text NOT NULL,
    sent_at     timestamptz
) WITH (fillfactor = 85);
CREATE INDEX mail_due ON mail (next_try_at) WHERE status = 'queued';
CREATE INDEX mail_document ON mail (kind, no);
CREATE INDEX mail_listed ON mail (queued_at, id);
COMMENT ON TABLE mail IS 'Documents that leave by e-mail, each as it was printed when it was queued.';
"""
