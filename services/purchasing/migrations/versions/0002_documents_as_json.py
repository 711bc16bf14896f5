"""Documents are stored as json: they are read whole and never searched, and json takes a third of the time."""

from __future__ import annotations

from alembic import op

from servicekit.schema import DDL_0002

revision = "0002"
down_revision = "0001"

DOCUMENTS = """
DROP VIEW purchase_exception;
DROP VIEW purchase_line;
ALTER TABLE master ALTER COLUMN body TYPE json;
ALTER TABLE purchase_order ALTER COLUMN body TYPE json;
ALTER TABLE posted_purchase_receipt ALTER COLUMN body TYPE json;
ALTER TABLE posted_purchase_invoice ALTER COLUMN body TYPE json;

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
CROSS JOIN LATERAL jsonb_array_elements(CAST(o.body AS jsonb) -> 'lines') l (body)
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
"""


def upgrade() -> None:
    op.execute(DDL_0002)
    op.execute(DOCUMENTS)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
