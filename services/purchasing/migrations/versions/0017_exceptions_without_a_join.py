"""The exceptions of a large order cost the same with each plan, also before its table is analyzed."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

# Links and lines are not joined: the planner cannot know how many there are of each order, and one loop in the other is
# quadratic. The links are gathered by order, each order is unpacked once, and a link finds its line by key.
VIEW = """
CREATE OR REPLACE VIEW purchase_exception AS
SELECT k.problem_since AS since,
       k.sales_line_id AS id,
       k.problem_code AS code,
       k.problem_detail AS detail,
       CAST(NULL AS jsonb) AS errors,
       k.purchase_order_no,
       CAST(p.lines #>> ARRAY[CAST(k.line_id AS text), 'line_no'] AS int) AS line_no,
       k.sales_order_no,
       CAST(NULL AS uuid) AS purchase_request_id
FROM (
    SELECT l.purchase_order_no, array_agg(l) AS links
    FROM purchase_link l WHERE l.active AND l.problem_code <> '' GROUP BY l.purchase_order_no
) AS broken
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(p.id, jsonb_build_object('line_no', p.line_no, 'is_due', p.outstanding > 0)) AS lines
    FROM purchase_line p WHERE p.purchase_order_no = broken.purchase_order_no
) AS p
CROSS JOIN LATERAL unnest(broken.links) AS k
WHERE CASE WHEN k.kind = 'drop_shipment' AND k.problem_code = 'sales-line-deleted'
           THEN p.lines ? CAST(k.line_id AS text)
           ELSE p.lines @> jsonb_build_object(k.line_id, jsonb_build_object('is_due', true)) END
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
"""


def upgrade() -> None:
    op.execute(VIEW)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
