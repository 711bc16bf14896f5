"""What a worker must be allowed for an order (POS-116)."""

from __future__ import annotations

from typing import Final

from contracts.refusals import Violations
from pos_gateway.domain.orders import deliveries
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.domain.orders.context import TillSettings
from pos_gateway.domain.orders.quotes import is_quote, kind_of, usual_expiry
from pos_gateway.domain.setup.records import (
    CHANGE_QUOTE_EXPIRY,
    CREATE_ORDER,
    CREATE_QUOTE,
    PICKUP_LINES,
    SHIP_LINES,
)

_OF_KIND: Final = {"customer_order": CREATE_ORDER, "quote": CREATE_QUOTE}
_OF_MODE: Final = {deliveries.SHIP: SHIP_LINES, deliveries.PICKUP: PICKUP_LINES}


def check_permissions(new: NewOrder, settings: TillSettings) -> None:
    """Refuse with every permission that the worker lacks; what else is wrong is not for this worker to know."""
    needed = {_OF_KIND[kind_of(new, settings)]: "/kind"}
    if is_quote(new, settings) and new.expiry_date not in (None, usual_expiry(new, settings)):
        needed[CHANGE_QUOTE_EXPIRY] = "/expiry_date"
    for i, line in enumerate(new.lines):
        permission = _OF_MODE.get(deliveries.inherited(new.fulfilment, line.fulfilment).mode or "")
        if permission is not None:
            needed.setdefault(permission, f"/lines/{i}/fulfilment/mode")
    found = Violations()
    worker = settings.worker
    for permission, pointer in needed.items():
        if not worker.may(permission):
            detail = f"worker {worker.id} lacks the permission {permission}"
            found.forbidden("permission-missing", detail, pointer, permission=permission)
    found.refuse_if_any()
