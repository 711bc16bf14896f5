"""Reservations: stock, or what a purchase line will bring, held for one sales line."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

TABLES = """
CREATE TABLE reservation (
    id                uuid PRIMARY KEY,
    status            text NOT NULL,
    sales_order_no    text NOT NULL,
    sales_line_id     uuid NOT NULL,
    item_no           text NOT NULL,
    location_code     text NOT NULL,
    purchase_order_no text NOT NULL,
    purchase_line_id  uuid,
    stock_quantity    numeric NOT NULL CHECK (stock_quantity >= 0),
    purchase_quantity numeric NOT NULL CHECK (purchase_quantity >= 0),
    due_date          date NOT NULL,
    supply_date       date,
    body              json NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CHECK (status IN ('active', 'ended')),
    CHECK ((status = 'active') = (stock_quantity + purchase_quantity > 0))
) WITH (fillfactor = 70);
COMMENT ON TABLE reservation IS
    'What is held for one sales line, in base units: of stock, and of what a purchase line will bring; ended ones too.';
CREATE INDEX reservation_of_order ON reservation (sales_order_no);
CREATE INDEX reservation_of_purchase_line ON reservation (purchase_line_id) WHERE status = 'active';
CREATE INDEX reservation_of_item ON reservation (item_no, location_code) WHERE status = 'active';

CREATE TABLE order_reservation (
    sales_order_no text PRIMARY KEY,
    version        int NOT NULL,
    body           json,
    updated_at     timestamptz NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE order_reservation IS
    'What is reserved for a sales order''s lines, as it was published last; its row lock orders the versions.';
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
