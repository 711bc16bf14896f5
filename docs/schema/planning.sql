-- The tables of planning. Written by `make schema`, to be read only: migrations make them.

-- Goods of special orders: received minus shipped per sales line; freed: what is left belongs to everybody.
CREATE TABLE allocation (
    sales_line_id  uuid NOT NULL,
    sales_order_no text NOT NULL,
    item_no        text NOT NULL,
    location_code  text NOT NULL,
    balance        numeric NOT NULL,
    freed          boolean NOT NULL,
    PRIMARY KEY (sales_line_id)
);
CREATE INDEX allocation_of_order ON allocation (sales_order_no);

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

-- Carry-outs of worksheets by persons; id is the operation's.
CREATE TABLE carry_out_run (
    id         uuid NOT NULL,
    worksheet  text NOT NULL GENERATED ALWAYS AS (body ->> 'worksheet') STORED,
    status     text NOT NULL GENERATED ALWAYS AS (body ->> 'status') STORED,
    body       jsonb COMPRESSION lz4 NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (id)
);

-- Orders of tills, whose lines are demand until the sales order comes; ended ones stay, so that none counts twice.
CREATE TABLE channel_demand (
    confirmation_no text NOT NULL,
    line_ids        uuid[] NOT NULL,
    ended           boolean NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (confirmation_no)
) WITH (
    fillfactor=70
);
CREATE INDEX channel_demand_age ON channel_demand (updated_at) WHERE ended;

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

-- The fence against procuring a sales line twice: one row per line and generation, never deleted.
CREATE TABLE demand (
    sales_line_id  uuid NOT NULL,
    generation     int NOT NULL,
    sales_order_no text NOT NULL,
    state          text NOT NULL,
    body           json NOT NULL,
    PRIMARY KEY (sales_line_id, generation)
) WITH (
    fillfactor=50
);
CREATE INDEX demand_of_order ON demand (sales_order_no);

-- One row per sales order with flagged lines. Its row lock guards the order's demand and requisition lines; version is
-- that of the kind demand. gettable: get-sales-orders should look at it.
CREATE TABLE demand_order (
    sales_order_no text NOT NULL,
    customer_no    text NOT NULL DEFAULT '',
    version        int NOT NULL DEFAULT 0,
    gettable       boolean NOT NULL DEFAULT false,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (sales_order_no)
) WITH (
    fillfactor=70
);
CREATE INDEX demand_order_gettable ON demand_order (sales_order_no) WHERE gettable;

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

-- The purchase invoice that was posted last for an item, of those that have arrived.
CREATE TABLE item_cost (
    item_no    text NOT NULL,
    posted_at  timestamptz NOT NULL,
    invoice_no text NOT NULL,
    PRIMARY KEY (item_no)
);

-- Movements of goods in base units, one per posting and one more for its reversal.
CREATE TABLE item_ledger_entry (
    entry_no               bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    posting_id             uuid NOT NULL,
    reversal               boolean NOT NULL DEFAULT false,
    entry_type             text NOT NULL,
    item_no                text NOT NULL,
    location_code          text NOT NULL,
    quantity               numeric NOT NULL,
    posting_date           date NOT NULL,
    document_no            text NOT NULL DEFAULT '',
    sales_order_no         text NOT NULL DEFAULT '',
    sales_order_line_no    int,
    sales_line_id          uuid,
    purchase_order_no      text NOT NULL DEFAULT '',
    purchase_order_line_no int,
    reason                 text NOT NULL DEFAULT '',
    posted_at              timestamptz NOT NULL,
    PRIMARY KEY (entry_no),
    UNIQUE (posting_id, reversal),
    CHECK (quantity <> 0)
);
CREATE INDEX item_ledger_entry_of_item ON item_ledger_entry (item_no, location_code, entry_no);
CREATE INDEX item_ledger_entry_of_order ON item_ledger_entry (sales_order_no) WHERE sales_order_no <> '';

-- Items, locations, stockkeeping units, worksheets and the setup.
CREATE TABLE master (
    kind       text NOT NULL,
    no         text NOT NULL,
    version    int NOT NULL,
    body       json NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted    boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no),
    CHECK (version > 0)
);
CREATE UNIQUE INDEX master_catalog_item_no ON master (((body ->> 'item_no')))
    WHERE (kind = 'catalog-item') AND (NOT deleted);
CREATE UNIQUE INDEX master_catalog_item_of_vendor ON master (((body ->> 'vendor_no')), ((body ->> 'vendor_item_no')))
    WHERE (kind = 'catalog-item') AND (NOT deleted);
CREATE INDEX master_changed ON master (kind, updated_at, no);

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

-- What sales and purchase lines still have to move, in base units; derived from copies, without drop shipments.
CREATE TABLE open_line (
    line_id       uuid NOT NULL,
    source        text NOT NULL,
    document_no   text NOT NULL,
    line_no       int NOT NULL,
    item_no       text NOT NULL,
    location_code text NOT NULL,
    due_date      date NOT NULL,
    quantity      numeric NOT NULL,
    -- Supply and demand of special orders serve each other alone.
    special_order boolean NOT NULL DEFAULT false,
    PRIMARY KEY (line_id),
    CHECK (quantity > 0),
    CHECK (source IN ('sale', 'purchase', 'channel'))
);
CREATE INDEX open_line_of_item ON open_line (item_no, location_code, due_date);

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

-- Promised dates that sales has not decided yet, one promise of an order at a time.
CREATE TABLE order_promise (
    id             uuid NOT NULL,
    sales_order_no text NOT NULL,
    body           json NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (sales_order_no)
);

-- What is reserved for a sales order's lines, as it was published last; its row lock orders the versions.
CREATE TABLE order_reservation (
    sales_order_no text NOT NULL,
    version        int NOT NULL,
    body           json,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (sales_order_no)
) WITH (
    fillfactor=70
);

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

-- Planning runs that have not ended, one per worksheet; their operations tell the outcome.
CREATE TABLE plan_run (
    id         uuid NOT NULL,
    worksheet  text NOT NULL,
    body       json NOT NULL,
    created_at timestamptz NOT NULL,
    attempts   int NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE (worksheet)
);

-- Create purchase orders of a sales order: what a person was shown. Forgotten after some days.
CREATE TABLE purchase_proposal (
    id             uuid NOT NULL,
    sales_order_no text NOT NULL,
    body           json NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX purchase_proposal_age ON purchase_proposal (created_at);

-- What purchasing was asked for.
CREATE TABLE purchase_request (
    id         uuid NOT NULL,
    body       json COMPRESSION lz4 NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (id)
) WITH (
    fillfactor=100
);

-- Allocated goods that a sales line gave to another, in base units; kept for ever: each moves them once.
CREATE TABLE reallocation (
    id            uuid NOT NULL,
    from_line_id  uuid NOT NULL,
    to_line_id    uuid NOT NULL,
    item_no       text NOT NULL,
    location_code text NOT NULL,
    quantity      numeric NOT NULL,
    posted_at     timestamptz NOT NULL,
    PRIMARY KEY (id),
    CHECK (quantity > 0)
);

-- Lines of requisition worksheets, kept after carry-out. At most one live line asks for a sales line's purchase.
CREATE TABLE requisition_line (
    id             uuid NOT NULL,
    worksheet      text NOT NULL,
    status         text NOT NULL,
    action_message text NOT NULL,
    item_no        text NOT NULL,
    vendor_no      text NOT NULL,
    sales_order_no text NOT NULL,
    sales_line_id  uuid,
    body           json NOT NULL,
    updated_at     timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX requisition_line_live ON requisition_line (worksheet, id) WHERE status IN ('open', 'carrying_out');
CREATE INDEX requisition_line_of_item ON requisition_line (item_no, id);
CREATE INDEX requisition_line_of_order ON requisition_line (sales_order_no) WHERE sales_order_no <> '';
CREATE INDEX requisition_line_of_plan ON requisition_line (worksheet)
    WHERE (status = 'open') AND ((body ->> 'plan_id') IS NOT NULL);
CREATE UNIQUE INDEX requisition_line_of_sales_line ON requisition_line (sales_line_id)
    WHERE (status IN ('open', 'carrying_out')) AND (action_message IN ('', 'new'));
CREATE INDEX requisition_line_planned_for ON requisition_line ((((body -> 'planned_for') ->> 'sales_order_no')))
    WHERE (sales_order_no = '') AND ((body -> 'planned_for') IS NOT NULL);
CREATE INDEX requisition_line_updated ON requisition_line USING brin (updated_at);

-- What is held for one sales line, in base units: of stock, and of what a purchase line will bring; ended ones too.
CREATE TABLE reservation (
    id                uuid NOT NULL,
    status            text NOT NULL,
    sales_order_no    text NOT NULL,
    sales_line_id     uuid NOT NULL,
    item_no           text NOT NULL,
    location_code     text NOT NULL,
    purchase_order_no text NOT NULL,
    purchase_line_id  uuid,
    stock_quantity    numeric NOT NULL,
    purchase_quantity numeric NOT NULL,
    due_date          date NOT NULL,
    supply_date       date,
    body              json NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    PRIMARY KEY (id),
    CHECK ((status = 'active') = ((stock_quantity + purchase_quantity) > 0)),
    CHECK (purchase_quantity >= 0),
    CHECK (status IN ('active', 'ended')),
    CHECK (stock_quantity >= 0)
) WITH (
    fillfactor=70
);
CREATE INDEX reservation_of_item ON reservation (item_no, location_code) WHERE status = 'active';
CREATE INDEX reservation_of_order ON reservation (sales_order_no);
CREATE INDEX reservation_of_purchase_line ON reservation (purchase_line_id) WHERE status = 'active';

-- Sum of the ledger per item and location, and of what is allocated; locked before both change.
CREATE TABLE stock (
    item_no       text NOT NULL,
    location_code text NOT NULL,
    stock         numeric NOT NULL DEFAULT 0,
    allocated     numeric NOT NULL DEFAULT 0,
    version       int NOT NULL DEFAULT 0,
    updated_at    timestamptz NOT NULL,
    -- Sum of the active reservations of this stock, changed in their transaction.
    reserved      numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (item_no, location_code),
    CHECK (allocated >= 0),
    CHECK (reserved >= 0)
) WITH (
    fillfactor=70
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
