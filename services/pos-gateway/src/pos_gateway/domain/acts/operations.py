"""The acts that tills can do, by name. A new one is a line here, its decision and its route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pos_gateway.domain.acts.cancelling import CANCELLATION, CANCELLATION_OF_REST
from pos_gateway.domain.acts.context import Operation
from pos_gateway.domain.acts.editing import EDITING
from pos_gateway.domain.acts.pickup import PICK_UP
from pos_gateway.domain.acts.returning import RETURN_OF_GOODS

OPERATIONS: Final[Mapping[str, Operation]] = {
    operation.name: operation
    for operation in (EDITING, PICK_UP, CANCELLATION, CANCELLATION_OF_REST, RETURN_OF_GOODS)
}
