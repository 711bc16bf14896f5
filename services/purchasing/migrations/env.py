from alembic import context

from servicekit.migrate import run_in_env

run_in_env(context)
