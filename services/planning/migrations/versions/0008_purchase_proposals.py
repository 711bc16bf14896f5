"""Purchase proposals; and open lines say whether they belong to a special order."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

PLANNING = """
CREATE TABLE purchase_proposal (
    id             uuid PRIMARY KEY,
    sales_order_no text NOT NULL,
    body           json NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX purchase_proposal_age ON purchase_proposal (created_at);
COMMENT ON TABLE purchase_proposal IS
    'Create purchase orders of a sales order: what a person was shown. Forgotten after some days.';

ALTER TABLE open_line ADD COLUMN special_order boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN open_line.special_order IS 'Supply and demand of special orders serve each other alone.';

UPDATE open_line SET special_order = true WHERE line_id IN (
    SELECT CAST(l.value ->> 'id' AS uuid)
    FROM copy c CROSS JOIN LATERAL jsonb_array_elements(to_jsonb(c.body) -> 'lines') AS l(value)
    WHERE (c.kind = 'sales-order' AND l.value ->> 'special_order' = 'true')
       OR (c.kind = 'purchase-order' AND l.value -> 'link' ->> 'kind' = 'special_order'
           AND coalesce(l.value -> 'link' ->> 'active', 'true') = 'true'));
"""


def upgrade() -> None:
    op.execute(PLANNING)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
