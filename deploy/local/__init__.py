"""The stack without Docker: a real Kafka, a real PostgreSQL and the services as child processes."""

from deploy.errors import StackError
from deploy.local.settings import SERVICES, StackSettings, settings_on_free_ports
from deploy.local.stack import LocalStack

__all__ = ["SERVICES", "LocalStack", "StackError", "StackSettings", "settings_on_free_ports"]
