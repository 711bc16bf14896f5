"""Work lists look into each order once instead of once for each of its lines.

Goods that a vendor delivered for a sale that was deleted meanwhile are an exception also when nothing is outstanding.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

# OFFSET 0 keeps the planner from putting the cast in place of each use of `d.body`, which would parse the order there.
# `line` is materialized for the same reason: joined directly, an order would be taken apart for each of its links.
VIEWS = """
DROP INDEX purchase_link_problem;
CREATE INDEX purchase_link_problem ON purchase_link (purchase_order_no, line_id) WHERE active AND problem_code <> '';
DROP VIEW purchase_exception;
DROP VIEW purchase_line;
CREATE VIEW purchase_line AS
SELECT o.no AS purchase_order_no,
       CAST(l.body ->> 'line_no' AS int) AS line_no,
       o.status,
       o.vendor_no,
       o.sell_to_customer_no,
       o.next_receipt_date,
       d.body ->> 'currency_code' AS currency_code,
       CAST(l.body ->> 'id' AS uuid) AS id,
       CAST(coalesce(l.body ->> 'confirmed_date', l.body ->> 'expected_receipt_date') AS date) AS expected,
       CAST(l.body ->> 'quantity' AS numeric) - r.received AS outstanding,
       l.body
FROM purchase_order o
CROSS JOIN LATERAL (SELECT CAST(o.body AS jsonb) AS body OFFSET 0) d
CROSS JOIN LATERAL jsonb_array_elements(d.body -> 'lines') l (body)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CAST(p.body ->> 'quantity' AS numeric)), 0) AS received
    FROM jsonb_array_elements(l.body -> 'receipts') p (body)
    WHERE NOT coalesce(CAST(p.body ->> 'undone' AS boolean), false)
) r
WHERE NOT o.deleted AND NOT coalesce(CAST(l.body ->> 'deleted' AS boolean), false);
COMMENT ON VIEW purchase_line IS 'The lines inside the orders, for lists.';

CREATE VIEW purchase_exception AS
WITH broken AS MATERIALIZED (
    SELECT * FROM purchase_link WHERE active AND problem_code <> ''
), line AS MATERIALIZED (
    SELECT p.purchase_order_no, p.id, p.line_no, p.outstanding
    FROM (SELECT DISTINCT purchase_order_no FROM broken) b
    JOIN purchase_line p ON p.purchase_order_no = b.purchase_order_no
)
SELECT k.problem_since AS since,
       k.sales_line_id AS id,
       k.problem_code AS code,
       k.problem_detail AS detail,
       CAST(NULL AS jsonb) AS errors,
       k.purchase_order_no,
       p.line_no,
       k.sales_order_no,
       CAST(NULL AS uuid) AS purchase_request_id
FROM broken k
JOIN line p ON p.purchase_order_no = k.purchase_order_no AND p.id = k.line_id
WHERE p.outstanding > 0 OR (k.kind = 'drop_shipment' AND k.problem_code = 'sales-line-deleted')
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
"""


def upgrade() -> None:
    op.execute(VIEWS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
