"""Money that is taken from cards stands in the timeline of its order."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

TIMELINE = """
CREATE OR REPLACE VIEW timeline AS
SELECT 'customer-order' AS kind, confirmation_no AS no, 'order' AS entry, 'confirmed' AS happened, 0 AS place,
       received_at AS at, 'pos-gateway' AS service, confirmation_no AS document, body ->> 'worker_id' AS by,
       'terminal ' || terminal_no AS detail
FROM customer_order
UNION ALL
SELECT 'customer-order', confirmation_no, 'stage', 'pulled', 1, pulled_at, 'pos-gateway', confirmation_no,
       'system:pull-job', ''
FROM order_stage WHERE pulled_at IS NOT NULL
UNION ALL
SELECT 'customer-order', confirmation_no, 'act/' || act_id, operation, 2 + number, received_at, 'pos-gateway',
       confirmation_no, body ->> 'worker_id', 'terminal ' || terminal_no
FROM till_act WHERE status <> 'submitting'
UNION ALL
SELECT 'customer-order', confirmation_no, 'stage', 'synchronized', 1000, synchronized_at, 'sales',
       sales_order_no || sales_quote_no, '', sales_order_no || sales_quote_no
FROM order_stage WHERE synchronized_at IS NOT NULL
UNION ALL
SELECT 'customer-order', confirmation_no, 'stage', status, 1001, updated_at, 'sales', confirmation_no, '',
       coalesce((SELECT string_agg(e ->> 'code', ', ') FROM jsonb_array_elements(errors) AS e), '')
FROM order_stage WHERE status IN ('failed', 'held', 'void')
UNION ALL
SELECT 'customer-order', confirmation_no, 'capture/' || id,
       CASE status WHEN 'executed' THEN 'captured' ELSE 'capture_declined' END, 1002, confirmed_at, 'pos-gateway',
       confirmation_no, '', method || ' ' || amount
FROM payment_instruction WHERE kind = 'capture' AND confirmed_at IS NOT NULL;
COMMENT ON VIEW timeline IS
    'What happened to orders. Read from orders, stages, acts and captures: taking an order writes nothing for it.';
"""


def upgrade() -> None:
    op.execute(TIMELINE)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
