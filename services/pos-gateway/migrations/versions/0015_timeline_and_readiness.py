"""What happened to an order, and whether its goods are there: both are read from what is stored anyway."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

SYNCHRONIZED = "ALTER TABLE order_stage ADD COLUMN synchronized_at timestamptz"

TIMELINE = """
CREATE VIEW timeline AS
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
FROM order_stage WHERE status IN ('failed', 'held', 'void');
COMMENT ON VIEW timeline IS
    'What happened to orders. Read from orders, stages and acts, so that taking an order writes nothing for it.';
"""

# Of a line: quantity = picked up at a till + shipped by the back office + cancelled + open. What sales ships of a
# pick-up is that pick-up. A special order is there as far as it was received for it, other goods as stock has them.
READY = """
CREATE VIEW ready_order AS
WITH line AS (
    SELECT o.confirmation_no, l ->> 'item_no' AS item_no, l ->> 'location_code' AS location_code,
           coalesce(nullif(l ->> 'unit_of_measure_code', ''), '') AS unit,
           coalesce(nullif(l ->> 'purchasing_code', ''), i.body ->> 'purchasing_code', '') AS code,
           (l ->> 'quantity')::numeric
             - greatest(coalesce((l ->> 'quantity_picked_up')::numeric, 0),
                        coalesce((p.of ->> 'quantity_shipped')::numeric, 0))
             - greatest(coalesce((l ->> 'quantity_cancelled')::numeric, 0),
                        coalesce((p.of ->> 'quantity_cancelled')::numeric, 0)) AS open,
           greatest(coalesce((l ->> 'quantity_picked_up')::numeric, 0),
                    coalesce((p.of ->> 'quantity_shipped')::numeric, 0)) AS gone,
           coalesce((p.of ->> 'quantity_received')::numeric, 0) AS received,
           i.body AS item
    FROM customer_order o
    JOIN order_stage s USING (confirmation_no)
    CROSS JOIN LATERAL json_array_elements(o.body -> 'lines') AS l
    LEFT JOIN LATERAL (
        SELECT e AS of FROM json_array_elements(s.progress -> 'lines') AS e WHERE e ->> 'line_no' = l ->> 'line_no'
    ) AS p ON true
    LEFT JOIN copy i ON i.kind = 'item' AND i.no = l ->> 'item_no'
    WHERE s.status IN ('synchronized', 'partly_fulfilled') AND l ->> 'mode' = 'pickup'
), judged AS (
    SELECT line.confirmation_no,
           CASE WHEN (c.body ->> 'special_order')::boolean THEN line.received - line.gone >= line.open
                WHEN line.item ->> 'type' IS NOT NULL AND line.item ->> 'type' <> 'inventory' THEN true
                ELSE coalesce((k.body ->> 'stock')::numeric, 0) >= line.open * coalesce((
                    SELECT (u ->> 'qty_per')::numeric FROM json_array_elements(line.item -> 'units_of_measure') AS u
                    WHERE u ->> 'code' = line.unit), 1)
           END AS is_there
    FROM line
    LEFT JOIN copy c ON c.kind = 'purchasing-code' AND c.no = line.code
    LEFT JOIN copy k ON k.kind = 'stock' AND k.no = replace(replace(line.item_no, '%', '%25'), '/', '%2F')
                                         || '/' || line.location_code
    WHERE line.open > 0
)
SELECT confirmation_no FROM judged GROUP BY confirmation_no HAVING bool_and(is_there);
COMMENT ON VIEW ready_order IS 'Orders with goods to pick up that are all there.';
"""


def upgrade() -> None:
    op.execute(SYNCHRONIZED)
    op.execute(TIMELINE)
    op.execute(READY)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
