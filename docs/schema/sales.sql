-- The tables of sales. Written by `make schema`, to be read only: migrations make them.

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

-- Requests to change lines that are being bought; their ends stand in operation.
CREATE TABLE change_request (
    id             uuid NOT NULL,
    sales_order_no text NOT NULL,
    line_no        int NOT NULL,
    body           json NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX change_request_line ON change_request (sales_order_no, line_no);

-- A till's transaction once, and what became of it.
CREATE TABLE channel_transaction (
    transaction_id  uuid NOT NULL,
    confirmation_no text NOT NULL,
    store_no        text NOT NULL,
    terminal_no     text NOT NULL,
    business_date   date NOT NULL,
    sequence        bigint,
    status          text NOT NULL DEFAULT 'pulled',
    version         bigint NOT NULL DEFAULT 0,
    payload         json COMPRESSION lz4 NOT NULL,
    context         json NOT NULL,
    sales_order_no  text NOT NULL DEFAULT '',
    customer_no     text NOT NULL DEFAULT '',
    fault_class     text NOT NULL DEFAULT '',
    errors          json COMPRESSION lz4 NOT NULL DEFAULT '[]',
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    synchronized_at timestamptz,
    received_at     timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    invoice_no      text NOT NULL DEFAULT '',
    sales_quote_no  text NOT NULL DEFAULT '',
    acts            json NOT NULL DEFAULT '[]',
    acts_open       boolean NOT NULL DEFAULT false,
    progress        json NOT NULL DEFAULT '{}',
    hold_code       text NOT NULL DEFAULT '',
    repaired        boolean NOT NULL DEFAULT false,
    audit           json NOT NULL DEFAULT '[]',
    PRIMARY KEY (transaction_id),
    UNIQUE (confirmation_no),
    UNIQUE (store_no, terminal_no, business_date, sequence)
);
CREATE INDEX channel_transaction_acts ON channel_transaction (transaction_id)
    WHERE acts_open AND (status = 'succeeded');
CREATE INDEX channel_transaction_due ON channel_transaction (next_attempt_at, transaction_id)
    WHERE status IN ('pulled', 'failed');
CREATE INDEX channel_transaction_open ON channel_transaction (status, transaction_id) WHERE status <> 'succeeded';
CREATE INDEX channel_transaction_updated ON channel_transaction USING brin (updated_at);

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

-- What planning and purchasing told about the supply of flagged lines.
CREATE TABLE line_sourcing (
    sales_line_id  uuid NOT NULL,
    sales_order_no text NOT NULL,
    special_order  boolean NOT NULL,
    state          text NOT NULL,
    vendor_no      text NOT NULL DEFAULT '',
    granted        numeric NOT NULL DEFAULT 0,
    shipped        numeric NOT NULL DEFAULT 0,
    revision       bigint NOT NULL,
    body           json COMPRESSION lz4 NOT NULL,
    updated_at     timestamptz NOT NULL,
    delivery_date  date,
    PRIMARY KEY (sales_line_id),
    CONSTRAINT shipped_within_grant CHECK (NOT special_order OR shipped <= granted)
) WITH (
    fillfactor=40
);
CREATE INDEX line_sourcing_order ON line_sourcing (sales_order_no);

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

-- Company, customers, addresses, codes, rates and set-up; no physical deletes.
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

-- Lines of open orders for work lists; outstanding: quantity that has not left.
CREATE VIEW open_sales_line (
    no             text,
    line_no        int,
    line_id        text,
    customer_no    text,
    customer_name  text,
    status         text,
    location_code  text,
    line_body      jsonb,
    sourcing_body  json,
    vendor_no      text,
    sourcing_state text,
    shipment_date  date,
    outstanding    numeric,
    released_at    timestamptz,
    ready_to_ship  boolean,
    date_at_risk   boolean,
    change_pending boolean
); -- reads line_sourcing, sales_order

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

-- Credit memos: what is given back of posted invoices.
CREATE TABLE posted_sales_credit_memo (
    no              text NOT NULL,
    version         bigint NOT NULL,
    sales_order_no  text NOT NULL,
    customer_no     text NOT NULL,
    posting_date    date NOT NULL,
    body            json COMPRESSION lz4 NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    sales_order_nos text[] NOT NULL DEFAULT '{}'[],
    PRIMARY KEY (no)
);
CREATE INDEX posted_sales_credit_memo_customer ON posted_sales_credit_memo (customer_no);
CREATE INDEX posted_sales_credit_memo_date ON posted_sales_credit_memo (posting_date);
CREATE INDEX posted_sales_credit_memo_order ON posted_sales_credit_memo (sales_order_no);
CREATE INDEX posted_sales_credit_memo_orders ON posted_sales_credit_memo USING gin (sales_order_nos);
CREATE INDEX posted_sales_credit_memo_updated ON posted_sales_credit_memo (updated_at, no);

CREATE TABLE posted_sales_invoice (
    no              text NOT NULL,
    version         bigint NOT NULL,
    sales_order_no  text NOT NULL,
    customer_no     text NOT NULL,
    posting_date    date NOT NULL,
    body            json COMPRESSION lz4 NOT NULL,
    updated_at      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    sales_order_nos text[] NOT NULL DEFAULT '{}'[],
    PRIMARY KEY (no)
);
CREATE INDEX posted_sales_invoice_customer ON posted_sales_invoice (customer_no);
CREATE INDEX posted_sales_invoice_date ON posted_sales_invoice (posting_date);
CREATE INDEX posted_sales_invoice_order ON posted_sales_invoice (sales_order_no);
CREATE INDEX posted_sales_invoice_orders ON posted_sales_invoice USING gin (sales_order_nos);
CREATE INDEX posted_sales_invoice_updated ON posted_sales_invoice (updated_at, no);

CREATE TABLE posted_sales_shipment (
    no             text NOT NULL,
    version        bigint NOT NULL,
    sales_order_no text NOT NULL,
    customer_no    text NOT NULL,
    posting_date   date NOT NULL,
    body           json COMPRESSION lz4 NOT NULL,
    updated_at     timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (no)
);
CREATE INDEX posted_sales_shipment_customer ON posted_sales_shipment (customer_no);
CREATE INDEX posted_sales_shipment_date ON posted_sales_shipment (posting_date);
CREATE INDEX posted_sales_shipment_order ON posted_sales_shipment (sales_order_no);
CREATE INDEX posted_sales_shipment_updated ON posted_sales_shipment (updated_at, no);

-- Sales documents that are not orders; no physical deletes.
CREATE TABLE sales_document (
    type                 text NOT NULL,
    no                   text NOT NULL,
    version              bigint NOT NULL,
    status               text NOT NULL,
    deleted              boolean NOT NULL DEFAULT false,
    customer_no          text NOT NULL,
    external_document_no text NOT NULL DEFAULT '',
    order_date           date NOT NULL,
    sales_order_no       text NOT NULL DEFAULT '',
    body                 json COMPRESSION lz4 NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (type, no),
    CHECK (type IN ('sales-quote', 'sales-invoice', 'sales-return-order'))
);
CREATE INDEX sales_document_customer ON sales_document (type, customer_no);
CREATE INDEX sales_document_updated ON sales_document (type, updated_at, no);

CREATE TABLE sales_order (
    no                   text NOT NULL,
    version              bigint NOT NULL,
    status               text NOT NULL,
    deleted              boolean NOT NULL DEFAULT false,
    customer_no          text NOT NULL,
    external_document_no text NOT NULL DEFAULT '',
    confirmation_no      text NOT NULL DEFAULT '',
    order_date           date NOT NULL,
    body                 json COMPRESSION lz4 NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    -- When it was last released; before this column: last changed.
    released_at          timestamptz,
    PRIMARY KEY (no)
);
-- A till's order is one sales order, whatever else fails.
CREATE UNIQUE INDEX sales_order_confirmation ON sales_order (confirmation_no)
    WHERE (confirmation_no <> '') AND (NOT deleted);
CREATE INDEX sales_order_customer ON sales_order (customer_no);
CREATE INDEX sales_order_date ON sales_order (order_date, no);
CREATE INDEX sales_order_external ON sales_order (external_document_no) WHERE external_document_no <> '';
CREATE INDEX sales_order_open ON sales_order (no) WHERE (status IN ('open', 'released')) AND (NOT deleted);
CREATE INDEX sales_order_updated ON sales_order (updated_at, no);

-- Each movement once, whichever side started it.
CREATE TABLE shipment_posting (
    posting_id    uuid NOT NULL,
    shipment_no   text NOT NULL,
    sales_line_id uuid NOT NULL,
    PRIMARY KEY (posting_id)
);

CREATE TABLE synchronization (
    one         boolean NOT NULL DEFAULT true,
    state       text NOT NULL DEFAULT 'running',
    reason      text NOT NULL DEFAULT '',
    last_run_at timestamptz,
    succeeded   int NOT NULL DEFAULT 0,
    failed      int NOT NULL DEFAULT 0,
    PRIMARY KEY (one),
    CHECK (one),
    CHECK (state IN ('running', 'paused'))
);

-- Customers made at tills: their temporary id and the number they got.
CREATE TABLE till_customer (
    id          uuid NOT NULL,
    customer_no text NOT NULL,
    PRIMARY KEY (id)
);

-- Which transaction came first: the quote itself, or the order that the till made of it
CREATE TABLE till_quote_claim (
    confirmation_no text NOT NULL,
    transaction_id  uuid NOT NULL,
    PRIMARY KEY (confirmation_no)
);

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
