-- The tables of pos_gateway. Written by `make schema`, to be read only: migrations make them.

-- What managers approved, until it expires. spent_on: the id of the transaction that used it, once.
CREATE TABLE approval (
    id         uuid NOT NULL,
    body       json NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_on   uuid,
    PRIMARY KEY (id)
);
CREATE INDEX approval_expiry ON approval (expires_at);

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

-- One row. revision counts every change of what is set up; version those that tills see; sign_offs ended sessions;
-- kept_since: the oldest version whose settings are all kept.
CREATE TABLE configuration (
    one        boolean NOT NULL DEFAULT true,
    revision   bigint NOT NULL,
    version    bigint NOT NULL,
    sign_offs  bigint NOT NULL DEFAULT 0,
    kept_since bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (one),
    CHECK (one)
) WITH (
    fillfactor=50
);

-- Numbers of orders without a receipt number. They may have gaps, so nobody waits for another's commit.
CREATE SEQUENCE confirmation_no;

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

-- What was agreed at the till. content: hash of the request, tells a repetition from another transaction under the same
-- identity. sequence: null beside an order that has the identity or the receipt number.
CREATE TABLE customer_order (
    confirmation_no text NOT NULL,
    version         bigint NOT NULL,
    transaction_id  uuid NOT NULL,
    store_no        text NOT NULL,
    terminal_no     text NOT NULL,
    business_date   date NOT NULL,
    sequence        bigint,
    content         text NOT NULL,
    customer_no     text NOT NULL,
    wanted_date     date,
    body            json COMPRESSION lz4 NOT NULL,
    received_at     timestamptz NOT NULL,
    receipt_no      text NOT NULL DEFAULT '',
    PRIMARY KEY (confirmation_no),
    CONSTRAINT transaction_identity UNIQUE (store_no, terminal_no, business_date, sequence)
);
CREATE UNIQUE INDEX customer_order_beside ON customer_order (store_no, terminal_no, business_date, content)
    WHERE sequence IS NULL;
CREATE INDEX customer_order_customer ON customer_order (customer_no, confirmation_no);
CREATE UNIQUE INDEX customer_order_receipt ON customer_order (store_no, receipt_no) WHERE receipt_no <> '';
CREATE INDEX customer_order_received ON customer_order (received_at, confirmation_no);

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

-- Stores, functionality profiles, commerce parameters and workers: what an administrator has set up.
CREATE TABLE master (
    kind       text NOT NULL,
    no         text NOT NULL,
    version    bigint NOT NULL,
    body       json NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted    boolean NOT NULL DEFAULT false,
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

-- At which stores goods of an order wait to be picked up: those see it too.
CREATE TABLE order_pickup (
    store_no        text NOT NULL,
    confirmation_no text NOT NULL,
    PRIMARY KEY (store_no, confirmation_no)
);

-- How far an order has come on its way through sales. till_customer: who was made with it, or before at a till, and had
-- no number yet; attempts: how often sales was asked at once; ask_at: when the sweeper asks again; sales_version: of the
-- newest channel transaction that took effect.
CREATE TABLE order_stage (
    confirmation_no text NOT NULL,
    transaction_id  uuid NOT NULL,
    status          text NOT NULL,
    mode            text NOT NULL,
    store_no        text NOT NULL,
    carried_out     boolean NOT NULL,
    till_customer   uuid,
    received_at     timestamptz NOT NULL,
    attempts        int NOT NULL,
    ask_at          timestamptz,
    sales_version   bigint NOT NULL DEFAULT 0,
    sales_order_no  text NOT NULL DEFAULT '',
    customer_no     text NOT NULL DEFAULT '',
    errors          jsonb,
    pulled_at       timestamptz,
    updated_at      timestamptz NOT NULL,
    invoice_no      text NOT NULL DEFAULT '',
    ship_modes      text[] NOT NULL DEFAULT '{}'[],
    sales_quote_no  text NOT NULL DEFAULT '',
    progress        json,
    acted           boolean NOT NULL DEFAULT false,
    synchronized_at timestamptz,
    PRIMARY KEY (confirmation_no)
);
CREATE INDEX order_stage_pending ON order_stage (received_at, confirmation_no) WHERE status = 'pending';
CREATE INDEX order_stage_sales_order ON order_stage (sales_order_no) WHERE sales_order_no <> '';
CREATE INDEX order_stage_submitting ON order_stage (ask_at) WHERE status = 'submitting';
CREATE INDEX order_stage_updated ON order_stage USING brin (updated_at);

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

-- Captures and voids on cards. status: requested, executed, declined. number counts those of a kind on an order; attempt
-- 2 is the same one again after the card was declined.
CREATE TABLE payment_instruction (
    id              uuid NOT NULL,
    confirmation_no text NOT NULL,
    store_no        text NOT NULL,
    kind            text NOT NULL,
    number          int NOT NULL,
    attempt         int NOT NULL,
    method          text NOT NULL,
    amount          numeric NOT NULL,
    card_token      text NOT NULL,
    status          text NOT NULL,
    reference       text NOT NULL DEFAULT '',
    requested_at    timestamptz NOT NULL,
    confirmed_at    timestamptz,
    PRIMARY KEY (id),
    CONSTRAINT payment_instruction_once UNIQUE (confirmation_no, kind, number, attempt)
);
CREATE INDEX payment_instruction_list ON payment_instruction (requested_at, id);
CREATE INDEX payment_instruction_requested ON payment_instruction (requested_at, id) WHERE status = 'requested';

-- interval_s 0: only by hand.
CREATE TABLE pull_job (
    id          text NOT NULL,
    interval_s  numeric NOT NULL,
    last_run_at timestamptz,
    PRIMARY KEY (id),
    CHECK (interval_s >= 0)
);

-- Orders with goods to pick up that are all there.
CREATE VIEW ready_order (
    confirmation_no text
); -- reads copy, customer_order, order_stage

-- Workers signed on at terminals, until their tokens expire. ended_at: signed off before that.
CREATE TABLE session (
    id          uuid NOT NULL,
    store_no    text NOT NULL,
    terminal_no text NOT NULL,
    worker_id   text NOT NULL,
    opened_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    PRIMARY KEY (id)
);
CREATE INDEX session_ended ON session (expires_at) WHERE ended_at IS NOT NULL;
CREATE INDEX session_expiry ON session (expires_at);

-- Stores, functionality profiles and commerce parameters by configuration version: each holds from version since to the
-- one before until (null: it still holds).
CREATE TABLE setting_version (
    kind     text NOT NULL,
    no       text NOT NULL,
    since    bigint NOT NULL,
    until    bigint,
    body     json NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (kind, no, since)
);
CREATE INDEX setting_version_ended ON setting_version (ended_at) WHERE ended_at IS NOT NULL;

-- Wrong PINs since the count began, of a terminal, of a worker, and of a worker at a terminal; kept for a day.
CREATE TABLE sign_on_failure (
    who          text NOT NULL,
    failures     int NOT NULL,
    since        timestamptz NOT NULL,
    paused_until timestamptz,
    PRIMARY KEY (who)
);
CREATE INDEX sign_on_failure_since ON sign_on_failure (since);

-- A till's terminal belongs to one store. secret_hash: SHA-256 of a random secret. Its tokens name its version.
CREATE TABLE terminal (
    no          text NOT NULL,
    store_no    text NOT NULL,
    secret_hash bytea NOT NULL,
    version     bigint NOT NULL,
    updated_at  timestamptz NOT NULL,
    blocked     boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (no)
);

-- Later transactions of tills. status: waiting (taken offline, not decided yet), submitting (sales is asked), queued (it
-- travels with the order), done, failed (sales could not carry it out yet; of one that was taken offline: it breaks
-- rules), editing (a person repairs it), void (given up). after, ends_as: the order and its status once sales has
-- answered; content: hash of the request. confirmation_no is empty for a return without an order; sequence is null
-- beside a transaction that has the identity.
CREATE TABLE till_act (
    act_id          uuid NOT NULL,
    confirmation_no text NOT NULL,
    number          int NOT NULL,
    operation       text NOT NULL,
    store_no        text NOT NULL,
    terminal_no     text NOT NULL,
    business_date   date NOT NULL,
    sequence        bigint,
    receipt_no      text NOT NULL DEFAULT '',
    content         text NOT NULL,
    status          text NOT NULL,
    body            json NOT NULL,
    after           json,
    ends_as         text NOT NULL DEFAULT '',
    attempts        int NOT NULL DEFAULT 0,
    ask_at          timestamptz,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (act_id),
    CONSTRAINT act_identity UNIQUE (store_no, terminal_no, business_date, sequence)
);
CREATE UNIQUE INDEX till_act_beside ON till_act (store_no, terminal_no, business_date, content)
    WHERE sequence IS NULL;
CREATE INDEX till_act_due ON till_act (ask_at) WHERE status = 'submitting';
CREATE UNIQUE INDEX till_act_in_progress ON till_act (confirmation_no) WHERE status = 'submitting';
CREATE UNIQUE INDEX till_act_number ON till_act (confirmation_no, number) WHERE confirmation_no <> '';
CREATE INDEX till_act_offline ON till_act (received_at, act_id) WHERE (body ->> 'taken_offline') IS NOT NULL;
CREATE INDEX till_act_receipt ON till_act (receipt_no) WHERE receipt_no <> '';
CREATE INDEX till_act_waiting ON till_act (ask_at) WHERE status = 'waiting';

-- Customers made at tills; customer_no comes with their first synchronized order.
CREATE TABLE till_customer (
    id          uuid NOT NULL,
    body        jsonb NOT NULL,
    customer_no text NOT NULL DEFAULT '',
    PRIMARY KEY (id)
);

-- The identities of all orders and acts: each is claimed once, also by an order and an act at the same moment.
CREATE TABLE till_identity (
    store_no      text NOT NULL,
    terminal_no   text NOT NULL,
    business_date date NOT NULL,
    sequence      bigint NOT NULL,
    PRIMARY KEY (store_no, terminal_no, business_date, sequence)
);

-- What happened to orders. Read from orders, stages, acts and captures: taking an order writes nothing for it.
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
); -- reads customer_order, order_stage, payment_instruction, till_act

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

-- argon2 hashes; kept apart so that reading a worker cannot show one. Sessions name the version that opened them.
CREATE TABLE worker_pin (
    worker_id  text NOT NULL,
    pin_hash   text NOT NULL,
    updated_at timestamptz NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (worker_id)
);
