"""Tables of the event kit, masters, demand and requisition lines, purchase requests, ledger and stock."""

from __future__ import annotations

from alembic import op

from servicekit.schema import DDL_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PLANNING = """
CREATE TABLE master (
    kind       text NOT NULL,
    no         text NOT NULL,
    version    int NOT NULL CHECK (version > 0),
    body       jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (kind, no)
);
CREATE INDEX master_changed ON master (kind, updated_at, no);
COMMENT ON TABLE master IS 'Items, locations, stockkeeping units, worksheets and the setup.';

CREATE TABLE demand_order (
    sales_order_no text PRIMARY KEY,
    customer_no    text NOT NULL DEFAULT '',
    version        int NOT NULL DEFAULT 0,
    gettable       boolean NOT NULL DEFAULT false,
    updated_at     timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX demand_order_gettable ON demand_order (sales_order_no) WHERE gettable;
COMMENT ON TABLE demand_order IS
    'One row per sales order with flagged lines. Its row lock guards the order''s demand and requisition lines; '
    'version is that of the kind demand. gettable: get-sales-orders should look at it.';

CREATE TABLE demand (
    sales_line_id  uuid NOT NULL,
    generation     int NOT NULL,
    sales_order_no text NOT NULL GENERATED ALWAYS AS (body ->> 'sales_order_no') STORED,
    state          text NOT NULL GENERATED ALWAYS AS (body ->> 'state') STORED,
    body           jsonb NOT NULL,
    PRIMARY KEY (sales_line_id, generation)
) WITH (fillfactor = 70);
CREATE INDEX demand_of_order ON demand (sales_order_no);
COMMENT ON TABLE demand IS
    'The fence against procuring a sales line twice: one row per line and generation, never deleted.';

CREATE TABLE requisition_line (
    id             uuid PRIMARY KEY,
    worksheet      text NOT NULL GENERATED ALWAYS AS (body ->> 'worksheet') STORED,
    status         text NOT NULL GENERATED ALWAYS AS (body ->> 'status') STORED,
    action_message text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'action_message', 'new')) STORED,
    item_no        text NOT NULL GENERATED ALWAYS AS (body ->> 'item_no') STORED,
    vendor_no      text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'vendor_no', '')) STORED,
    sales_order_no text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'sales_order_no', '')) STORED,
    sales_line_id  uuid GENERATED ALWAYS AS (CAST(body ->> 'sales_line_id' AS uuid)) STORED,
    body           jsonb NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX requisition_line_of_sales_line ON requisition_line (sales_line_id)
    WHERE status IN ('open', 'carrying_out') AND action_message IN ('', 'new');
CREATE INDEX requisition_line_of_order ON requisition_line (sales_order_no) WHERE sales_order_no <> '';
CREATE INDEX requisition_line_live ON requisition_line (worksheet, id) WHERE status IN ('open', 'carrying_out');
CREATE INDEX requisition_line_of_item ON requisition_line (item_no, id);
COMMENT ON TABLE requisition_line IS
    'Lines of requisition worksheets, kept after carry-out. At most one live line asks for a sales line''s purchase.';

CREATE TABLE purchase_request (
    id                uuid PRIMARY KEY,
    status            text NOT NULL DEFAULT 'requested',
    purchase_order_no text NOT NULL DEFAULT '',
    body              json NOT NULL,
    updated_at        timestamptz NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE purchase_request IS 'What purchasing was asked for, and how it decided.';

CREATE TABLE carry_out_run (
    id         uuid PRIMARY KEY,
    worksheet  text NOT NULL GENERATED ALWAYS AS (body ->> 'worksheet') STORED,
    status     text NOT NULL GENERATED ALWAYS AS (body ->> 'status') STORED,
    body       jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE carry_out_run IS 'Carry-outs of worksheets by persons; id is the operation''s.';

CREATE TABLE item_ledger_entry (
    entry_no               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    posting_id             uuid NOT NULL,
    reversal               boolean NOT NULL DEFAULT false,
    entry_type             text NOT NULL,
    item_no                text NOT NULL,
    location_code          text NOT NULL,
    quantity               numeric NOT NULL CHECK (quantity <> 0),
    posting_date           date NOT NULL,
    document_no            text NOT NULL DEFAULT '',
    sales_order_no         text NOT NULL DEFAULT '',
    sales_order_line_no    int,
    sales_line_id          uuid,
    purchase_order_no      text NOT NULL DEFAULT '',
    purchase_order_line_no int,
    reason                 text NOT NULL DEFAULT '',
    posted_at              timestamptz NOT NULL,
    UNIQUE (posting_id, reversal)
);
CREATE INDEX item_ledger_entry_of_item ON item_ledger_entry (item_no, location_code, entry_no);
CREATE INDEX item_ledger_entry_of_order ON item_ledger_entry (sales_order_no) WHERE sales_order_no <> '';
COMMENT ON TABLE item_ledger_entry IS
    'Movements of goods in base units, one per posting and one more for its reversal.';

CREATE TABLE allocation (
    sales_line_id  uuid PRIMARY KEY,
    sales_order_no text NOT NULL,
    item_no        text NOT NULL,
    location_code  text NOT NULL,
    balance        numeric NOT NULL,
    freed          boolean NOT NULL
);
CREATE INDEX allocation_of_order ON allocation (sales_order_no);
COMMENT ON TABLE allocation IS
    'Goods of special orders: received minus shipped per sales line; freed: what is left belongs to everybody.';

CREATE TABLE stock (
    item_no       text NOT NULL,
    location_code text NOT NULL,
    stock         numeric NOT NULL DEFAULT 0,
    allocated     numeric NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    version       int NOT NULL DEFAULT 0,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (item_no, location_code)
) WITH (fillfactor = 70);
COMMENT ON TABLE stock IS
    'Sum of the ledger per item and location, and of what is allocated; locked before both change.';

CREATE TABLE open_line (
    line_id       uuid PRIMARY KEY,
    source        text NOT NULL CHECK (source IN ('sale', 'purchase')),
    document_no   text NOT NULL,
    line_no       int NOT NULL,
    item_no       text NOT NULL,
    location_code text NOT NULL,
    due_date      date NOT NULL,
    quantity      numeric NOT NULL CHECK (quantity > 0)
);
CREATE INDEX open_line_of_item ON open_line (item_no, location_code, due_date);
COMMENT ON TABLE open_line IS
    'What sales and purchase lines still have to move, in base units; derived from copies, without drop shipments.';

INSERT INTO master (kind, no, version, body, updated_at) VALUES
    ('requisition-worksheet', 'DEFAULT', 1, jsonb_build_object('version', 1, 'name', 'DEFAULT'), now());
"""


def upgrade() -> None:
    for ddl in (DDL_0001, PLANNING):
        for statement in ddl.split(";\n"):
            if statement.strip():
                op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first revision is where the database begins")
