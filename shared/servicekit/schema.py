"""The kit's tables, the same in every service's database; each service's migrations execute `DDL_0001` and so on."""

from __future__ import annotations

DDL_0001 = """
CREATE TABLE outbox (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic          text NOT NULL,
    key            text NOT NULL,
    type           text NOT NULL,
    subject        text NOT NULL,
    version        bigint NOT NULL,
    event_id       uuid NOT NULL,
    occurred_at    timestamptz NOT NULL,
    correlation_id text NOT NULL,
    causation_id   text NOT NULL,
    traceparent    text NOT NULL,
    by             text NOT NULL,
    body           text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);
COMMENT ON TABLE outbox IS 'Events that Kafka has not acknowledged yet; the relay deletes what was acknowledged.';

CREATE TABLE consumer_offset (
    topic        text NOT NULL,
    partition    int NOT NULL,
    next         bigint NOT NULL CHECK (next >= 0),
    cluster_id   text NOT NULL,
    attempts     int NOT NULL DEFAULT 0,
    attempted_to bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE consumer_offset IS
    'Where this service reads on. attempts: processes that began the event at next alone and did not end it; '
    'attempted_to: end of the last range that was begun.';

CREATE TABLE copy (
    kind        text NOT NULL,
    no          text NOT NULL,
    version     bigint NOT NULL,
    body        jsonb,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
COMMENT ON TABLE copy IS 'The newest snapshot of others'' aggregates that took effect here.';

CREATE TABLE waiting (
    kind       text NOT NULL,
    no         text NOT NULL,
    version    bigint NOT NULL,
    waits_kind text NOT NULL,
    waits_no   text NOT NULL,
    record     bytea NOT NULL,
    since      timestamptz NOT NULL,
    retry_at   timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
CREATE INDEX waiting_for ON waiting (waits_kind, waits_no);
COMMENT ON TABLE waiting IS 'Events that need a copy which has not come yet; the newest one of each aggregate.';

CREATE TABLE parked (
    id         uuid PRIMARY KEY,
    cluster_id text NOT NULL,
    topic      text NOT NULL,
    partition  int NOT NULL,
    "offset"   bigint NOT NULL,
    kind       text NOT NULL DEFAULT '',
    no         text NOT NULL DEFAULT '',
    version    bigint NOT NULL DEFAULT 0,
    record     bytea NOT NULL,
    reason     text NOT NULL,
    error      text NOT NULL,
    status     text NOT NULL DEFAULT 'parked' CHECK (status IN ('parked', 'superseded', 'discarded')),
    parked_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    closed_by  text NOT NULL DEFAULT '',
    note       text NOT NULL DEFAULT '',
    UNIQUE (cluster_id, topic, partition, "offset")
);
CREATE INDEX parked_open ON parked (kind, no) WHERE status = 'parked';
COMMENT ON TABLE parked IS 'Events that could not be applied. reason: undecodable, error, killed.';

CREATE TABLE operation (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    subject_no text NOT NULL DEFAULT '',
    status     text NOT NULL DEFAULT 'running'
               CHECK (status IN ('running', 'succeeded', 'partly_failed', 'refused', 'failed')),
    result     jsonb,
    problem    jsonb,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX operation_running ON operation (started_at) WHERE status = 'running';
COMMENT ON TABLE operation IS 'Acts that end in another service, as GET /v1/operations/{id} shows them.';

CREATE TABLE idempotency (
    scope        text NOT NULL,
    key          text NOT NULL,
    fingerprint  text NOT NULL,
    status       int NOT NULL,
    location     text,
    kind         text,
    no           text,
    version      bigint NOT NULL DEFAULT 0,
    operation_id uuid,
    answer       jsonb,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
COMMENT ON TABLE idempotency IS 'Answered Idempotency-Keys. scope: caller, method and path.';

CREATE TABLE number_series (
    code    text PRIMARY KEY,
    prefix  text NOT NULL,
    next_no bigint NOT NULL CHECK (next_no > 0),
    last_no bigint CHECK (last_no >= next_no - 1)
) WITH (fillfactor = 50);
COMMENT ON TABLE number_series IS 'The next number of each kind of document; last_no: used up after it, null: never.';
"""

DDL_0002 = """
-- Documents are read whole, never searched: as json they are stored as they come and take a third of the time.
ALTER TABLE copy ALTER COLUMN body TYPE json;
ALTER TABLE idempotency ALTER COLUMN answer TYPE json;

CREATE TABLE attempt (
    topic        text NOT NULL,
    partition    int NOT NULL,
    begun_at     bigint NOT NULL,
    attempts     int NOT NULL,
    attempted_to bigint NOT NULL,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE attempt IS
    'What was begun, noted before it is done. attempts: processes that began the event at begun_at alone; '
    'attempted_to: end of the last range that was begun.';
INSERT INTO attempt SELECT topic, partition, next, attempts, attempted_to FROM consumer_offset;
ALTER TABLE consumer_offset DROP COLUMN attempts, DROP COLUMN attempted_to;
COMMENT ON TABLE consumer_offset IS 'Where this service reads on.';
"""

DDL_0003 = """
-- One row for all events of a transaction: each row costs as much as the rest of what is done for its event.
ALTER TABLE outbox RENAME TO outbox_by_event;
ALTER INDEX outbox_pkey RENAME TO outbox_by_event_pkey;
ALTER SEQUENCE outbox_id_seq RENAME TO outbox_by_event_id_seq;
CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    events      int NOT NULL CHECK (events > 0),
    body        text COMPRESSION lz4 NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);
COMMENT ON TABLE outbox IS
    'Events that Kafka has not acknowledged yet, those of a transaction together (body: a JSON array, events: how '
    'many); the relay deletes what was acknowledged. People read outbox_event.';
INSERT INTO outbox (occurred_at, events, body)
SELECT occurred_at, 1, CAST(json_build_array(json_build_object(
    'topic', topic, 'key', key, 'type', type, 'subject', subject, 'version', version, 'event_id', event_id,
    'occurred_at', occurred_at, 'correlation_id', correlation_id, 'causation_id', causation_id,
    'traceparent', traceparent, 'by', by, 'body', CAST(body AS json))) AS text)
FROM outbox_by_event ORDER BY id;
DROP TABLE outbox_by_event;
CREATE VIEW outbox_event AS
SELECT o.id AS row_id, e.*
FROM outbox o CROSS JOIN LATERAL ROWS FROM (json_to_recordset(CAST(o.body AS json)) AS (
    topic text, key text, type text, subject text, version bigint, event_id uuid, occurred_at timestamptz,
    correlation_id text, causation_id text, traceparent text, by text, body json)) WITH ORDINALITY AS e(
    topic, key, type, subject, version, event_id, occurred_at, correlation_id, causation_id, traceparent, by, body,
    place)
ORDER BY row_id, place;
COMMENT ON VIEW outbox_event IS 'What waits to be published, event by event.';

-- lz4 takes a fraction of the default method's time.
ALTER TABLE copy ALTER COLUMN body SET COMPRESSION lz4;
"""

DDL_0004 = """
CREATE TABLE worker (
    instance     text PRIMARY KEY,
    host         text NOT NULL,
    pid          int NOT NULL,
    version      text NOT NULL,
    started_at   timestamptz NOT NULL,
    beat_at      timestamptz NOT NULL,
    relay_active boolean NOT NULL,
    jobs_active  boolean NOT NULL,
    partitions   int NOT NULL,
    lag          json NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE worker IS
    'The work processes of the service that were not stopped. beat_at: last heartbeat, one a second; older: it hangs '
    'or was killed. lag: events not yet read, by topic.';
COMMENT ON TABLE parked IS
    'Events that could not be applied. reason: undecodable, foreign, implausible, error, killed, skipped.';
"""

DDL_0005 = """
CREATE TABLE audit (
    id       uuid PRIMARY KEY,
    at       timestamptz NOT NULL,
    kind     text NOT NULL,
    no       text NOT NULL,
    version  bigint NOT NULL,
    happened json NOT NULL,
    by       text NOT NULL,
    changes  json NOT NULL
);
CREATE INDEX audit_subject ON audit (kind, no, id);
CREATE INDEX audit_by ON audit (by, id);
CREATE INDEX audit_age ON audit (at);
COMMENT ON TABLE audit IS
    'Who changed which fields of a document or a setting (kind, no), from which value to which. Only added to: see the '
    'trigger; what is older than the retention is deleted.';

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'entries of the audit trail are neither changed nor deleted'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
"""

DDL = DDL_0001 + DDL_0002 + DDL_0003 + DDL_0004 + DDL_0005
"""All revisions, for a new database."""

# The view has each entry once: from the event that says who did it, of those the first.
TIMELINE_BY_EVENT = """
ALTER TABLE timeline RENAME TO timeline_of_rows;
CREATE TABLE timeline_event (
    kind    text NOT NULL,
    no      text NOT NULL,
    event   text NOT NULL,
    entries text NOT NULL,
    PRIMARY KEY (kind, no, event)
);
COMMENT ON TABLE timeline_event IS
    'What an event tells of a document (kind, no), as a JSON array. People read timeline.';
INSERT INTO timeline_event (kind, no, event, entries)
SELECT kind, no, '', json_agg(json_build_object(
    'entry', entry, 'happened', happened, 'place', place, 'at', at, 'service', service, 'document', document,
    'by', by, 'detail', detail))
FROM timeline_of_rows GROUP BY kind, no;
DROP TABLE timeline_of_rows;
CREATE VIEW timeline AS
SELECT DISTINCT ON (t.kind, t.no, e.entry, e.happened)
       t.kind, t.no, e.entry, e.happened, e.place, e.at, e.service, e.document, e.by, e.detail
FROM timeline_event AS t, json_to_recordset(t.entries::json) AS e(
    entry text, happened text, place int, at timestamptz, service text, document text, by text, detail text)
ORDER BY t.kind, t.no, e.entry, e.happened, e.by = '', e.at;
COMMENT ON VIEW timeline IS 'What happened to a document (kind, no) in all services; each entry once.';
"""
