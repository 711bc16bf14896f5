from __future__ import annotations

from alembic import op

from eventkit.schema import DDL_0001
from tests.integration.eventkit.rig import EFFECTS

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(DDL_0001 + EFFECTS)
