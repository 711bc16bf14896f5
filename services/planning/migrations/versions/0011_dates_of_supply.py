"""Demand knows when its purchase comes, also where it was bought before."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

DATES = """
UPDATE demand d SET body = CAST(jsonb_set(CAST(d.body AS jsonb), '{supply_date}', to_jsonb(s.day)) AS json)
FROM (
    SELECT CAST(l.body #>> '{link,sales,sales_line_id}' AS uuid) AS sales_line_id,
           CAST(l.body #>> '{link,sales,generation}' AS int) AS generation,
           coalesce(l.body ->> 'confirmed_date', l.body ->> 'expected_receipt_date') AS day
    FROM copy c
    CROSS JOIN LATERAL jsonb_array_elements(CAST(c.body AS jsonb) -> 'lines') AS l (body)
    WHERE c.kind = 'purchase-order' AND l.body -> 'link' IS NOT NULL
      AND CAST(l.body ->> 'quantity' AS numeric) > CAST(coalesce(l.body ->> 'quantity_received', '0') AS numeric)
) s
WHERE d.sales_line_id = s.sales_line_id AND d.generation = s.generation AND d.state = 'ordered' AND s.day IS NOT NULL
"""


def upgrade() -> None:
    op.execute(DATES)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
