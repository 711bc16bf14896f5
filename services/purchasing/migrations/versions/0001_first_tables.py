"""The kit's tables and purchasing's own."""

from __future__ import annotations

from alembic import op

from servicekit.schema import DDL_0001

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE master (
    kind       text NOT NULL,
    no         text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    deleted    boolean NOT NULL DEFAULT false,
    body       jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
COMMENT ON TABLE master IS 'Vendors, their catalogues (vendor/item), the setup. Deleted ones say so and stay.';

CREATE TABLE purchase_order (
    no                  text COLLATE "C" PRIMARY KEY,
    version             bigint NOT NULL,
    status              text NOT NULL CHECK (status IN ('open', 'released', 'closed')),
    vendor_no           text NOT NULL,
    sell_to_customer_no text NOT NULL,
    next_receipt_date   date,
    deleted             boolean NOT NULL,
    body                jsonb NOT NULL,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX purchase_order_vendor ON purchase_order (vendor_no, no);
CREATE INDEX purchase_order_customer ON purchase_order (sell_to_customer_no, no) WHERE sell_to_customer_no <> '';
CREATE INDEX purchase_order_updated ON purchase_order (updated_at, no);
CREATE INDEX purchase_order_expected ON purchase_order (next_receipt_date, no) WHERE next_receipt_date IS NOT NULL;
COMMENT ON COLUMN purchase_order.next_receipt_date IS 'When the next outstanding line is expected; null: none.';

CREATE TABLE purchase_link (
    sales_line_id       uuid NOT NULL,
    generation          int NOT NULL CHECK (generation > 0),
    link_id             uuid NOT NULL,
    kind                text NOT NULL CHECK (kind IN ('special_order', 'drop_shipment')),
    purchase_order_no   text COLLATE "C" NOT NULL,
    line_id             uuid NOT NULL,
    sales_order_no      text COLLATE "C" NOT NULL,
    active              boolean NOT NULL,
    problem_code        text NOT NULL DEFAULT '',
    problem_detail      text NOT NULL DEFAULT '',
    problem_since       timestamptz,
    PRIMARY KEY (sales_line_id, generation)
);
CREATE UNIQUE INDEX purchase_link_one_active ON purchase_link (sales_line_id) WHERE active;
CREATE INDEX purchase_link_sales_order ON purchase_link (sales_order_no);
CREATE INDEX purchase_link_problem ON purchase_link (purchase_order_no) WHERE active AND problem_code <> '';
COMMENT ON TABLE purchase_link IS
    'The fence against buying a sales line twice: rows are never deleted, a generation is never used again.';

CREATE TABLE purchase_request (
    id                uuid PRIMARY KEY,
    outcome           text NOT NULL CHECK (outcome IN ('created', 'skipped', 'superseded', 'refused')),
    purchase_order_no text NOT NULL,
    body              jsonb,
    sales_line_ids    uuid[],
    decided_at        timestamptz NOT NULL
);
CREATE INDEX purchase_request_refused ON purchase_request (decided_at, id) WHERE outcome = 'refused';
COMMENT ON TABLE purchase_request IS
    'Decided once, kept for ever: a replayed request buys nothing. body: the outcome, where it was published.';

CREATE TABLE posting_request (
    id             uuid PRIMARY KEY,
    sales_order_no text NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('posted', 'already_posted', 'refused')),
    body           jsonb NOT NULL,
    decided_at     timestamptz NOT NULL
);
COMMENT ON TABLE posting_request IS 'Receipts that sales asked for: decided once, kept for ever.';

CREATE TABLE posted_purchase_receipt (
    no                text COLLATE "C" PRIMARY KEY,
    purchase_order_no text COLLATE "C" NOT NULL,
    sales_order_nos   text[] NOT NULL,
    vendor_no         text NOT NULL,
    posting_date      date NOT NULL,
    body              jsonb NOT NULL,
    posted_at         timestamptz NOT NULL
);
CREATE INDEX posted_purchase_receipt_order ON posted_purchase_receipt (purchase_order_no, no);
CREATE INDEX posted_purchase_receipt_posted ON posted_purchase_receipt (posted_at, no);
CREATE INDEX posted_purchase_receipt_sales ON posted_purchase_receipt USING gin (sales_order_nos);

CREATE TABLE posted_purchase_invoice (
    no                text COLLATE "C" PRIMARY KEY,
    purchase_order_no text COLLATE "C" NOT NULL,
    vendor_no         text NOT NULL,
    vendor_invoice_no text NOT NULL,
    posting_date      date NOT NULL,
    body              jsonb NOT NULL,
    posted_at         timestamptz NOT NULL
);
CREATE INDEX posted_purchase_invoice_order ON posted_purchase_invoice (purchase_order_no, no);
CREATE INDEX posted_purchase_invoice_posted ON posted_purchase_invoice (posted_at, no);
CREATE UNIQUE INDEX posted_purchase_invoice_once ON posted_purchase_invoice (vendor_no, vendor_invoice_no)
    WHERE vendor_invoice_no <> '';

CREATE VIEW purchase_line AS
SELECT o.no AS purchase_order_no,
       CAST(l.body ->> 'line_no' AS int) AS line_no,
       o.status,
       o.vendor_no,
       o.sell_to_customer_no,
       o.next_receipt_date,
       o.body ->> 'currency_code' AS currency_code,
       CAST(l.body ->> 'id' AS uuid) AS id,
       CAST(coalesce(l.body ->> 'confirmed_date', l.body ->> 'expected_receipt_date') AS date) AS expected,
       CAST(l.body ->> 'quantity' AS numeric) - r.received AS outstanding,
       l.body
FROM purchase_order o
CROSS JOIN LATERAL jsonb_array_elements(o.body -> 'lines') l (body)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CAST(p.body ->> 'quantity' AS numeric)), 0) AS received
    FROM jsonb_array_elements(l.body -> 'receipts') p (body)
    WHERE NOT coalesce(CAST(p.body ->> 'undone' AS boolean), false)
) r
WHERE NOT o.deleted AND NOT coalesce(CAST(l.body ->> 'deleted' AS boolean), false);
COMMENT ON VIEW purchase_line IS 'The lines inside the orders, for lists.';

CREATE VIEW purchase_exception AS
SELECT k.problem_since AS since,
       k.sales_line_id AS id,
       k.problem_code AS code,
       k.problem_detail AS detail,
       CAST(NULL AS jsonb) AS errors,
       k.purchase_order_no,
       p.line_no,
       k.sales_order_no,
       CAST(NULL AS uuid) AS purchase_request_id
FROM purchase_link k
JOIN purchase_line p ON p.purchase_order_no = k.purchase_order_no AND p.id = k.line_id
WHERE k.active AND k.problem_code <> '' AND p.outstanding > 0
UNION ALL
SELECT q.decided_at,
       q.id,
       q.body #>> '{errors,0,code}',
       q.body #>> '{errors,0,detail}',
       q.body -> 'errors',
       '',
       CAST(q.body #>> '{errors,0,line_no}' AS int),
       coalesce(q.body ->> 'sales_order_no', ''),
       q.id
FROM purchase_request q
WHERE q.outcome = 'refused' AND EXISTS (
    SELECT FROM unnest(q.sales_line_ids) s (id)
    WHERE NOT EXISTS (SELECT FROM purchase_link l WHERE l.sales_line_id = s.id AND l.active));
COMMENT ON VIEW purchase_exception IS
    'Linked lines whose sales line went away; refused requests whose sales lines nobody bought since.';

CREATE INDEX copy_sales_order_customer ON copy ((body ->> 'customer_no')) WHERE kind = 'sales-order';
COMMENT ON INDEX copy_sales_order_customer IS 'Candidates of get sales order.';
"""

SERIES = """
INSERT INTO number_series (code, prefix, next_no) VALUES
    ('purchase-order', 'P-', 1001),
    ('posted-purchase-receipt', 'PR-', 1001),
    ('posted-purchase-invoice', 'PI-', 1001)
"""


def upgrade() -> None:
    for ddl in (DDL_0001, TABLES, SERIES):
        for statement in ddl.split(";\n"):
            if statement.strip():
                op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first revision: drop the database instead")
