from __future__ import annotations

from alembic import op

from servicekit.schema import DDL
from tests.integration.eventkit.rig import EFFECTS

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(DDL + EFFECTS)
