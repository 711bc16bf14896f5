"""The kit's tables, and sales' own: masters, orders, what was learned of their lines, posted documents, channel."""

from alembic import op

from servicekit.schema import DDL_0001

revision = "0001"
down_revision = None

MASTERS = """
CREATE TABLE master (
    kind       text NOT NULL,
    no         text NOT NULL,
    version    bigint NOT NULL,
    deleted    boolean NOT NULL DEFAULT false,
    body       jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
CREATE INDEX master_updated ON master (kind, updated_at);
COMMENT ON TABLE master IS 'Company, customers, addresses, codes, rates and set-up; no physical deletes.';

INSERT INTO number_series (code, prefix, next_no) VALUES
    ('sales-order', 'S-', 1001), ('customer', 'C-', 10001),
    ('posted-sales-shipment', 'SS-', 1001), ('posted-sales-invoice', 'SI-', 1001);
"""

ORDERS = """
CREATE TABLE sales_order (
    no                   text PRIMARY KEY,
    version              bigint NOT NULL,
    status               text NOT NULL,
    deleted              boolean NOT NULL DEFAULT false,
    customer_no          text NOT NULL,
    external_document_no text NOT NULL DEFAULT '',
    confirmation_no      text NOT NULL DEFAULT '',
    order_date           date NOT NULL,
    body                 jsonb NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
);
CREATE INDEX sales_order_customer ON sales_order (customer_no);
CREATE INDEX sales_order_updated ON sales_order (updated_at);
CREATE INDEX sales_order_external ON sales_order (external_document_no) WHERE external_document_no <> '';
CREATE UNIQUE INDEX sales_order_confirmation ON sales_order (confirmation_no)
    WHERE confirmation_no <> '' AND NOT deleted;
COMMENT ON INDEX sales_order_confirmation IS 'A till''s order is one sales order, whatever else fails.';

CREATE TABLE line_sourcing (
    sales_line_id       uuid PRIMARY KEY,
    sales_order_no      text NOT NULL,
    sales_order_line_no int NOT NULL,
    special_order       boolean NOT NULL,
    state               text NOT NULL,
    vendor_no           text NOT NULL DEFAULT '',
    purchase_order_no   text NOT NULL DEFAULT '',
    granted             numeric NOT NULL DEFAULT 0,
    shipped             numeric NOT NULL DEFAULT 0,
    revision            bigint NOT NULL,
    body                jsonb NOT NULL,
    updated_at          timestamptz NOT NULL,
    CONSTRAINT shipped_within_grant CHECK (NOT special_order OR shipped <= granted)
) WITH (fillfactor = 80);
CREATE INDEX line_sourcing_order ON line_sourcing (sales_order_no);
CREATE INDEX line_sourcing_exception ON line_sourcing (sales_order_no, sales_order_line_no)
    WHERE state = 'exception';
COMMENT ON TABLE line_sourcing IS 'What planning and purchasing told about the supply of flagged lines.';
"""

DOCUMENTS = """
CREATE TABLE posted_sales_shipment (
    no             text PRIMARY KEY,
    version        bigint NOT NULL,
    sales_order_no text NOT NULL,
    customer_no    text NOT NULL,
    posting_date   date NOT NULL,
    body           jsonb NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE INDEX posted_sales_shipment_order ON posted_sales_shipment (sales_order_no);
CREATE INDEX posted_sales_shipment_customer ON posted_sales_shipment (customer_no);
CREATE INDEX posted_sales_shipment_date ON posted_sales_shipment (posting_date);

CREATE TABLE shipment_posting (
    posting_id    uuid PRIMARY KEY,
    shipment_no   text NOT NULL,
    sales_line_id uuid NOT NULL
);
COMMENT ON TABLE shipment_posting IS 'Each movement once, whichever side started it.';

CREATE TABLE posted_sales_invoice (
    no             text PRIMARY KEY,
    version        bigint NOT NULL,
    sales_order_no text NOT NULL,
    customer_no    text NOT NULL,
    posting_date   date NOT NULL,
    body           jsonb NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE INDEX posted_sales_invoice_order ON posted_sales_invoice (sales_order_no);
CREATE INDEX posted_sales_invoice_customer ON posted_sales_invoice (customer_no);
CREATE INDEX posted_sales_invoice_date ON posted_sales_invoice (posting_date);
"""

CHANNEL = """
CREATE TABLE channel_transaction (
    transaction_id  uuid PRIMARY KEY,
    confirmation_no text NOT NULL UNIQUE,
    store_no        text NOT NULL,
    terminal_no     text NOT NULL,
    business_date   date NOT NULL,
    sequence        bigint NOT NULL,
    status          text NOT NULL DEFAULT 'pulled',
    version         bigint NOT NULL DEFAULT 0,
    payload         jsonb NOT NULL,
    context         jsonb NOT NULL,
    sales_order_no  text NOT NULL DEFAULT '',
    customer_no     text NOT NULL DEFAULT '',
    fault_class     text NOT NULL DEFAULT '',
    errors          jsonb NOT NULL DEFAULT '[]',
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    synchronized_at timestamptz,
    received_at     timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    UNIQUE (store_no, terminal_no, business_date, sequence)
);
CREATE INDEX channel_transaction_due ON channel_transaction (next_attempt_at, transaction_id)
    WHERE status IN ('pulled', 'failed');
CREATE INDEX channel_transaction_open ON channel_transaction (status, transaction_id)
    WHERE status <> 'succeeded';
COMMENT ON TABLE channel_transaction IS 'A till''s transaction once, and what became of it.';

CREATE TABLE till_customer (
    id          uuid PRIMARY KEY,
    customer_no text NOT NULL
);
COMMENT ON TABLE till_customer IS 'Customers made at tills: their temporary id and the number they got.';

CREATE TABLE synchronization (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused')),
    reason      text NOT NULL DEFAULT '',
    last_run_at timestamptz,
    succeeded   int NOT NULL DEFAULT 0,
    failed      int NOT NULL DEFAULT 0
);
INSERT INTO synchronization DEFAULT VALUES;
"""

WORK_LISTS = """
CREATE INDEX sales_order_open ON sales_order (no) WHERE status IN ('open', 'released') AND NOT deleted;

CREATE VIEW open_sales_line AS
SELECT w.no, w.line_no, w.line_id, w.customer_no, w.location_code, w.order_body, w.sourcing_body, w.vendor_no,
       w.sourcing_state, w.outstanding > 0 AND w.shipment_date < current_date AS overdue,
       w.status = 'released' AND w.outstanding > 0 AND NOT w.drop_shipment
           AND (NOT w.special_order OR w.shippable > 0) AS ready_to_ship
FROM (
    SELECT o.no, o.customer_no, o.status, o.body AS order_body, s.body AS sourcing_body,
           CAST(l ->> 'line_no' AS int) AS line_no,
           l ->> 'id' AS line_id,
           COALESCE(l ->> 'location_code', '') AS location_code,
           CAST(l ->> 'shipment_date' AS date) AS shipment_date,
           COALESCE(CAST(l ->> 'drop_shipment' AS boolean), false) AS drop_shipment,
           COALESCE(CAST(l ->> 'special_order' AS boolean), false) AS special_order,
           CAST(COALESCE(l ->> 'quantity', '0') AS numeric) - COALESCE((
               SELECT sum(CAST(p ->> 'quantity' AS numeric)) FROM jsonb_array_elements(l -> 'postings') AS p
               WHERE NOT COALESCE(CAST(p ->> 'undone' AS boolean), false)), 0) AS outstanding,
           COALESCE(s.granted - s.shipped, 0) AS shippable,
           COALESCE(s.vendor_no, '') AS vendor_no,
           CASE WHEN l -> 'demand' IS NULL THEN 'none' ELSE COALESCE(s.state, 'awaiting_requisition') END
               AS sourcing_state
    FROM sales_order o
    CROSS JOIN LATERAL jsonb_array_elements(o.body -> 'lines') AS l
    LEFT JOIN line_sourcing s ON s.sales_line_id = CAST(l ->> 'id' AS uuid)
    WHERE o.status IN ('open', 'released') AND NOT o.deleted AND COALESCE(l ->> 'type', 'item') <> 'comment'
) AS w;
COMMENT ON VIEW open_sales_line IS 'Lines that somebody still has to do something about, for work lists.';
"""


def upgrade() -> None:
    for ddl in (DDL_0001, MASTERS, ORDERS, DOCUMENTS, CHANNEL, WORK_LISTS):
        op.execute(ddl)


def downgrade() -> None:
    raise NotImplementedError("the first revision: drop the database instead")
