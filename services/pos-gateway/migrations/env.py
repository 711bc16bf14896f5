from alembic import context

from eventkit.migrate import run_in_env

run_in_env(context)
