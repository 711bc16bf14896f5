"""The gateway's tables."""

from __future__ import annotations

from alembic import op

from servicekit.schema import DDL_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DDL = """
CREATE TABLE configuration (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint NOT NULL,
    version  bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO configuration (revision, version) VALUES (1, 1);
COMMENT ON TABLE configuration IS
    'One row. revision counts every change of what is set up; version those that tills are told of.';

CREATE TABLE setting (
    kind       text NOT NULL,
    no         text NOT NULL,
    version    bigint NOT NULL,
    body       jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
COMMENT ON TABLE setting IS
    'Stores, functionality profiles, commerce parameters and workers: what an administrator has set.';

CREATE TABLE worker_pin (
    worker_id  text PRIMARY KEY,
    pin_hash   text NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE worker_pin IS 'argon2 hashes; kept apart so that reading a worker cannot show one.';

CREATE TABLE terminal (
    no          text PRIMARY KEY,
    store_no    text NOT NULL,
    secret_hash bytea NOT NULL,
    version     bigint NOT NULL,
    updated_at  timestamptz NOT NULL
);
COMMENT ON TABLE terminal IS 'A till''s terminal belongs to one store. secret_hash: SHA-256 of a random secret.';

CREATE TABLE sign_on_failure (
    who      text PRIMARY KEY,
    failures int NOT NULL,
    since    timestamptz NOT NULL
);
COMMENT ON TABLE sign_on_failure IS 'Wrong PINs in the present window, per terminal and worker, and per terminal.';

CREATE TABLE till_customer (
    id          uuid PRIMARY KEY,
    body        jsonb NOT NULL,
    customer_no text NOT NULL DEFAULT ''
);
COMMENT ON TABLE till_customer IS 'Customers made at tills; customer_no comes with their first synchronized order.';

CREATE SEQUENCE confirmation_no CACHE 100;
COMMENT ON SEQUENCE confirmation_no IS
    'Numbers of orders without a receipt number. They may have gaps, so nobody waits for another''s commit.';

CREATE TABLE customer_order (
    confirmation_no text PRIMARY KEY,
    version         bigint NOT NULL,
    transaction_id  uuid NOT NULL,
    store_no        text NOT NULL,
    terminal_no     text NOT NULL,
    business_date   date NOT NULL,
    sequence        bigint NOT NULL,
    content         text NOT NULL,
    customer_no     text NOT NULL,
    wanted_date     date,
    body            jsonb NOT NULL,
    received_at     timestamptz NOT NULL,
    CONSTRAINT transaction_identity UNIQUE (store_no, terminal_no, business_date, sequence)
);
CREATE INDEX customer_order_customer ON customer_order (customer_no, confirmation_no);
CREATE INDEX customer_order_received ON customer_order (received_at, confirmation_no);
COMMENT ON TABLE customer_order IS
    'What was agreed at the till. content: hash of the request, tells a repetition from another transaction '
    'under the same identity.';

CREATE TABLE order_pickup (
    store_no        text NOT NULL,
    confirmation_no text NOT NULL,
    PRIMARY KEY (store_no, confirmation_no)
);
COMMENT ON TABLE order_pickup IS 'At which stores goods of an order wait to be picked up: those see it too.';

CREATE TABLE order_stage (
    confirmation_no text PRIMARY KEY,
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
    updated_at      timestamptz NOT NULL
);
CREATE INDEX order_stage_pending ON order_stage (received_at, confirmation_no) WHERE status = 'pending';
CREATE INDEX order_stage_submitting ON order_stage (ask_at) WHERE status = 'submitting';
CREATE INDEX order_stage_sales_order ON order_stage (sales_order_no) WHERE sales_order_no <> '';
COMMENT ON TABLE order_stage IS
    'How far an order has come on its way through sales. till_customer: who was made with it, or before at a '
    'till, and had no number yet; attempts: how often sales was asked at once; '
    'ask_at: when the sweeper asks again; sales_version: of the newest channel transaction that took effect.';

CREATE TABLE pull_job (
    id          text PRIMARY KEY,
    interval_s  numeric NOT NULL CHECK (interval_s >= 0),
    last_run_at timestamptz
);
INSERT INTO pull_job (id, interval_s) VALUES ('P-0001', 5);
COMMENT ON TABLE pull_job IS 'interval_s 0: only by hand.';
"""


def upgrade() -> None:
    op.execute(DDL_0001)
    op.execute(DDL)
