"""Lines that a change or a posting holds are not ready to ship; an order is searched once for them."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

# OFFSET 0 keeps the planner from putting an expression in place of each use of it: it would be computed for each line.
VIEW = """
CREATE OR REPLACE VIEW open_sales_line AS
SELECT w.no, w.line_no, w.line_id, w.customer_no, w.customer_name, w.status, w.location_code, w.line_body,
       w.sourcing_body, w.vendor_no, w.sourcing_state, w.shipment_date, w.outstanding, w.released_at,
       w.status = 'released' AND w.outstanding > 0 AND NOT w.drop_shipment
           AND (NOT w.special_order OR w.shippable > 0) AND NOT w.change_pending AND NOT w.posting_pending
           AS ready_to_ship,
       COALESCE(w.delivery_date > w.needed_on, false) AND w.outstanding > 0 AS date_at_risk,
       w.change_pending
FROM (
    SELECT o.no, o.customer_no, COALESCE(d.body ->> 'customer_name', '') AS customer_name, o.status,
           CASE WHEN o.status = 'released' THEN o.released_at END AS released_at,
           l AS line_body, s.body AS sourcing_body,
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
           s.delivery_date,
           CAST(CASE WHEN COALESCE(CAST(l ->> 'drop_shipment' AS boolean), false)
                     THEN COALESCE(l ->> 'planned_delivery_date', l ->> 'shipment_date')
                     ELSE COALESCE(l ->> 'shipment_date', l ->> 'planned_delivery_date') END AS date) AS needed_on,
           CASE WHEN l -> 'demand' IS NULL THEN 'none' ELSE COALESCE(s.state, 'awaiting_requisition') END
               AS sourcing_state,
           d.changing ? (l ->> 'id') AS change_pending,
           d.posting ? (l ->> 'id') AS posting_pending
    FROM sales_order o
    CROSS JOIN LATERAL (SELECT CAST(o.body AS jsonb) AS body OFFSET 0) AS b
    CROSS JOIN LATERAL (
        SELECT b.body,
               jsonb_path_query_array(b.body, '$.requested_changes[*].lines[*].sales_line_id') AS changing,
               jsonb_path_query_array(b.body, '$.pending_posts[*].lines[*].sales_line_id') AS posting
        OFFSET 0) AS d
    CROSS JOIN LATERAL jsonb_array_elements(d.body -> 'lines') AS l
    LEFT JOIN line_sourcing s ON s.sales_line_id = CAST(l ->> 'id' AS uuid)
    WHERE o.status IN ('open', 'released') AND NOT o.deleted AND COALESCE(l ->> 'type', 'item') <> 'comment'
) AS w;
COMMENT ON VIEW open_sales_line IS 'Lines of open orders for work lists; outstanding: quantity that has not left.';
"""


def upgrade() -> None:
    op.execute(VIEW)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
