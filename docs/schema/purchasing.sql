-- The tables of purchasing. Written by `make schema`, to be read only: migrations make them.

-- What was begun, noted before it is done. attempts: processes that began the event at begun_at alone; attempted_to: end
-- of the last range that was begun.
CREATE TABLE attempt (
    topic        text NOT NULL,
    partition    int NOT NULL,
    begun_at     bigint NOT NULL,
    attempts     int NOT NULL,
    attempted_to bigint NOT NULL,
    PRIMARY KEY (topic, partition)
) WITH (
    fillfactor=50
);

-- Who changed which fields of a document or a setting (kind, no), from which value to which. Only added to: see the
-- trigger; what is older than the retention is deleted.
CREATE TABLE audit (
    id       uuid NOT NULL,
    at       timestamptz NOT NULL,
    kind     text NOT NULL,
    no       text NOT NULL,
    version  bigint NOT NULL,
    happened json NOT NULL,
    by       text NOT NULL,
    changes  json NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX audit_age ON audit (at);
CREATE INDEX audit_by ON audit (by, id);
CREATE INDEX audit_subject ON audit (kind, no, id);

-- Where this service reads on.
CREATE TABLE consumer_offset (
    topic      text NOT NULL,
    partition  int NOT NULL,
    next       bigint NOT NULL,
    cluster_id text NOT NULL,
    PRIMARY KEY (topic, partition),
    CHECK (next >= 0)
) WITH (
    fillfactor=50
);

-- The newest snapshot of others' aggregates that took effect here.
CREATE TABLE copy (
    kind        text NOT NULL,
    no          text NOT NULL,
    version     bigint NOT NULL,
    body        json COMPRESSION lz4,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
-- Candidates of get sales order.
CREATE INDEX copy_sales_order_customer ON copy (((body ->> 'customer_no'))) WHERE kind = 'sales-order';

-- Answered Idempotency-Keys. scope: caller, method and path.
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
    answer       json,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Documents that leave by e-mail, each as it was printed when it was queued.
CREATE TABLE mail (
    id          uuid NOT NULL,
    kind        text NOT NULL,
    no          text NOT NULL,
    revision    int NOT NULL,
    recipient   text NOT NULL,
    subject     text NOT NULL,
    paper       json NOT NULL,
    status      text NOT NULL DEFAULT 'queued',
    attempts    int NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    error       text NOT NULL DEFAULT '',
    queued_at   timestamptz NOT NULL,
    queued_by   text NOT NULL,
    sent_at     timestamptz,
    PRIMARY KEY (id),
    CHECK (status IN ('queued', 'sent', 'failed'))
) WITH (
    fillfactor=85
);
CREATE INDEX mail_document ON mail (kind, no);
CREATE INDEX mail_due ON mail (next_try_at) WHERE status = 'queued';
CREATE INDEX mail_listed ON mail (queued_at, id);

-- Vendors, their catalogues (vendor/item), the setup. Deleted ones say so and stay.
CREATE TABLE master (
    kind       text NOT NULL,
    no         text NOT NULL,
    version    bigint NOT NULL,
    deleted    boolean NOT NULL DEFAULT false,
    body       json NOT NULL,
    updated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
CREATE INDEX master_updated ON master (kind, updated_at, no);

-- The next number of each kind of document; last_no: used up after it, null: never.
CREATE TABLE number_series (
    code    text NOT NULL,
    prefix  text NOT NULL,
    next_no bigint NOT NULL,
    last_no bigint,
    PRIMARY KEY (code),
    CHECK (last_no >= (next_no - 1)),
    CHECK (next_no > 0)
) WITH (
    fillfactor=50
);

-- Acts that end in another service, as GET /v1/operations/{id} shows them.
CREATE TABLE operation (
    id         uuid NOT NULL,
    kind       text NOT NULL,
    subject_no text NOT NULL DEFAULT '',
    status     text NOT NULL DEFAULT 'running',
    result     jsonb,
    problem    jsonb,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    PRIMARY KEY (id),
    CHECK (status IN ('running', 'succeeded', 'partly_failed', 'refused', 'failed'))
);
CREATE INDEX operation_running ON operation (started_at) WHERE status = 'running';

-- Events that Kafka has not acknowledged yet, those of a transaction together (body: a JSON array, events: how many);
-- the relay deletes what was acknowledged. People read outbox_event.
CREATE TABLE outbox (
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    occurred_at timestamptz NOT NULL,
    events      int NOT NULL,
    body        text COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (id),
    CHECK (events > 0)
) WITH (
    autovacuum_vacuum_scale_factor=0,
    autovacuum_vacuum_threshold=5000,
    autovacuum_vacuum_insert_scale_factor=0,
    autovacuum_vacuum_insert_threshold=100000
);

-- What waits to be published, event by event.
CREATE VIEW outbox_event (
    row_id         bigint,
    topic          text,
    key            text,
    type           text,
    subject        text,
    version        bigint,
    event_id       uuid,
    occurred_at    timestamptz,
    correlation_id text,
    causation_id   text,
    traceparent    text,
    by             text,
    body           json,
    place          bigint
); -- reads outbox

-- Events that could not be applied. reason: undecodable, foreign, implausible, error, killed, skipped.
CREATE TABLE parked (
    id         uuid NOT NULL,
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
    status     text NOT NULL DEFAULT 'parked',
    parked_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    closed_by  text NOT NULL DEFAULT '',
    note       text NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    UNIQUE (cluster_id, topic, partition, "offset"),
    CHECK (status IN ('parked', 'superseded', 'discarded'))
);
CREATE INDEX parked_open ON parked (kind, no) WHERE status = 'parked';

CREATE TABLE posted_purchase_invoice (
    no                 text NOT NULL,
    purchase_order_no  text NOT NULL,
    vendor_no          text NOT NULL,
    vendor_invoice_no  text NOT NULL,
    posting_date       date NOT NULL,
    body               json COMPRESSION lz4 NOT NULL,
    posted_at          timestamptz NOT NULL,
    -- The setup allowed the same vendor invoice number again.
    repeatable         boolean NOT NULL DEFAULT false,
    purchase_order_nos text[] NOT NULL DEFAULT '{}'[],
    PRIMARY KEY (no)
);
CREATE UNIQUE INDEX posted_purchase_invoice_once ON posted_purchase_invoice (vendor_no, upper(vendor_invoice_no))
    WHERE (vendor_invoice_no <> '') AND (NOT repeatable);
CREATE INDEX posted_purchase_invoice_order ON posted_purchase_invoice (purchase_order_no, no);
CREATE INDEX posted_purchase_invoice_orders ON posted_purchase_invoice USING gin (purchase_order_nos);
CREATE INDEX posted_purchase_invoice_posted ON posted_purchase_invoice (posted_at, no);
CREATE INDEX posted_purchase_invoice_vendors_no ON posted_purchase_invoice (vendor_no, upper(vendor_invoice_no))
    WHERE vendor_invoice_no <> '';

CREATE TABLE posted_purchase_receipt (
    no                text NOT NULL,
    purchase_order_no text NOT NULL,
    sales_order_nos   text[] NOT NULL,
    vendor_no         text NOT NULL,
    posting_date      date NOT NULL,
    body              json COMPRESSION lz4 NOT NULL,
    posted_at         timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (no)
);
CREATE INDEX posted_purchase_receipt_order ON posted_purchase_receipt (purchase_order_no, no);
CREATE INDEX posted_purchase_receipt_posted ON posted_purchase_receipt (posted_at, no);
CREATE INDEX posted_purchase_receipt_sales ON posted_purchase_receipt USING gin (sales_order_nos);
CREATE INDEX posted_purchase_receipt_updated ON posted_purchase_receipt (updated_at, no);

-- Receipts and withdrawals that sales asked for: decided once, never deleted.
CREATE TABLE posting_request (
    id             uuid NOT NULL,
    sales_order_no text NOT NULL,
    outcome        text NOT NULL,
    body           jsonb NOT NULL,
    decided_at     timestamptz NOT NULL,
    PRIMARY KEY (id)
);

-- Linked lines whose sales line went away; refused requests whose sales lines nobody bought since.
CREATE VIEW purchase_exception (
    since               timestamptz,
    id                  uuid,
    code                text,
    detail              text,
    errors              jsonb,
    purchase_order_no   text,
    line_no             int,
    sales_order_no      text,
    purchase_request_id uuid
); -- reads purchase_line, purchase_link, purchase_request

-- Invoices before they are posted; posted and deleted ones stay.
CREATE TABLE purchase_invoice (
    no                text NOT NULL,
    version           bigint NOT NULL,
    status            text NOT NULL,
    vendor_no         text NOT NULL,
    -- What it was made for; empty: nothing.
    sales_document_no text NOT NULL,
    deleted           boolean NOT NULL,
    body              json COMPRESSION lz4 NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    PRIMARY KEY (no),
    CHECK (status IN ('open', 'posted'))
);
CREATE INDEX purchase_invoice_by_time ON purchase_invoice (updated_at, no);
CREATE INDEX purchase_invoice_of_sale ON purchase_invoice (sales_document_no) WHERE sales_document_no <> '';

-- The lines inside the orders, for lists.
CREATE VIEW purchase_line (
    purchase_order_no     text,
    line_no               int,
    status                text,
    vendor_no             text,
    sell_to_customer_no   text,
    next_receipt_date     date,
    currency_code         text,
    id                    uuid,
    expected              date,
    outstanding           numeric,
    body                  jsonb,
    item_no               text,
    vendor_name           text,
    order_date            date,
    received_not_invoiced boolean,
    not_invoiced          numeric,
    sent                  boolean,
    confirmed             boolean,
    refused               boolean,
    problem               jsonb
); -- reads purchase_link, purchase_order

-- The fence against buying a sales line twice: rows are never deleted, a generation is never used again.
CREATE TABLE purchase_link (
    sales_line_id     uuid NOT NULL,
    generation        int NOT NULL,
    link_id           uuid NOT NULL,
    kind              text NOT NULL,
    purchase_order_no text NOT NULL,
    line_id           uuid NOT NULL,
    sales_order_no    text NOT NULL,
    active            boolean NOT NULL,
    problem_code      text NOT NULL DEFAULT '',
    problem_detail    text NOT NULL DEFAULT '',
    problem_since     timestamptz,
    PRIMARY KEY (sales_line_id, generation),
    CHECK (generation > 0),
    CHECK (kind IN ('special_order', 'drop_shipment'))
);
CREATE UNIQUE INDEX purchase_link_one_active ON purchase_link (sales_line_id) WHERE active;
CREATE INDEX purchase_link_problem ON purchase_link (purchase_order_no, line_id)
    WHERE active AND (problem_code <> '');
CREATE INDEX purchase_link_sales_order ON purchase_link (sales_order_no);

CREATE TABLE purchase_order (
    no                    text NOT NULL,
    version               bigint NOT NULL,
    status                text NOT NULL,
    vendor_no             text NOT NULL,
    sell_to_customer_no   text NOT NULL,
    -- When the next outstanding line is expected; null: none.
    next_receipt_date     date,
    deleted               boolean NOT NULL,
    body                  json COMPRESSION lz4 NOT NULL,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    -- Goods came that the vendor has not invoiced.
    received_not_invoiced boolean NOT NULL DEFAULT false,
    PRIMARY KEY (no),
    CHECK (status IN ('open', 'released', 'closed'))
) WITH (
    fillfactor=85
);
CREATE INDEX purchase_order_customer ON purchase_order (sell_to_customer_no, no) WHERE sell_to_customer_no <> '';
CREATE INDEX purchase_order_expected ON purchase_order (next_receipt_date, no) WHERE next_receipt_date IS NOT NULL;
CREATE INDEX purchase_order_received_not_invoiced ON purchase_order (no) WHERE received_not_invoiced;
CREATE INDEX purchase_order_updated ON purchase_order (updated_at, no);
CREATE INDEX purchase_order_vendor ON purchase_order (vendor_no, no);

-- Decided once, kept for ever: a replayed request buys nothing. body: the outcome, where it was published.
CREATE TABLE purchase_request (
    id                uuid NOT NULL,
    outcome           text NOT NULL,
    purchase_order_no text NOT NULL,
    body              jsonb,
    sales_line_ids    uuid[],
    decided_at        timestamptz NOT NULL,
    PRIMARY KEY (id),
    CHECK (outcome IN ('created', 'skipped', 'refused', 'superseded', 'rescheduled'))
);
CREATE INDEX purchase_request_refused ON purchase_request (decided_at, id) WHERE outcome = 'refused';

-- What happened to a document (kind, no) in all services; each entry once.
CREATE VIEW timeline (
    kind     text,
    no       text,
    entry    text,
    happened text,
    place    int,
    at       timestamptz,
    service  text,
    document text,
    by       text,
    detail   text
); -- reads timeline_event

-- What an event tells of a document (kind, no), as a JSON array. People read timeline.
CREATE TABLE timeline_event (
    kind    text NOT NULL,
    no      text NOT NULL,
    event   text NOT NULL,
    entries text NOT NULL,
    PRIMARY KEY (kind, no, event)
);

-- Events that need a copy which has not come yet; the newest one of each aggregate.
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

-- The work processes of the service that were not stopped. beat_at: last heartbeat, one a second; older: it hangs or was
-- killed. lag: events not yet read, by topic.
CREATE TABLE worker (
    instance     text NOT NULL,
    host         text NOT NULL,
    pid          int NOT NULL,
    version      text NOT NULL,
    started_at   timestamptz NOT NULL,
    beat_at      timestamptz NOT NULL,
    relay_active boolean NOT NULL,
    jobs_active  boolean NOT NULL,
    partitions   int NOT NULL,
    lag          json NOT NULL,
    PRIMARY KEY (instance)
) WITH (
    fillfactor=50
);
