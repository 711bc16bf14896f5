"""Goods to pick up are there if they are free: what was received for other customers is not handed over here."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"

# Allocated stock belongs to special orders, whose own lines are judged by what was received for them.
READY = """
CREATE OR REPLACE VIEW ready_order AS
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
                ELSE coalesce((k.body ->> 'stock')::numeric - coalesce((k.body ->> 'allocated')::numeric, 0), 0)
                     >= line.open * coalesce((
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
    op.execute(READY)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
