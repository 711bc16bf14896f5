"""What a worker must be allowed for an order (POS-116)."""

from __future__ import annotations

from collections.abc import Mapping
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
    Worker,
)

_OF_KIND: Final = {"customer_order": CREATE_ORDER, "quote": CREATE_QUOTE}
_OF_MODE: Final = {deliveries.SHIP: SHIP_LINES, deliveries.PICKUP: PICKUP_LINES}


def permission_for(mode: str | None) -> str | None:
    """What a worker needs for lines that reach the customer so; what is carried out needs nothing."""
    return _OF_MODE.get(mode or "")


def check_permissions(new: NewOrder, settings: TillSettings) -> None:
    """Refuse with every permission that the worker lacks; what else is wrong is not for this worker to know."""
    needed = {_OF_KIND[kind_of(new, settings)]: "/kind"}
    if is_quote(new, settings) and new.expiry_date not in (None, usual_expiry(new, settings)):
        needed[CHANGE_QUOTE_EXPIRY] = "/expiry_date"
    for i, line in enumerate(new.lines):
        permission = permission_for(deliveries.inherited(new.fulfilment, line.fulfilment).mode)
        if permission is not None:
            needed.setdefault(permission, f"/lines/{i}/fulfilment/mode")
    refuse_missing(needed, settings.worker)


def refuse_missing(needed: Mapping[str, str], worker: Worker) -> None:
    """Refuse with every one of these permissions that the worker lacks, each with its pointer."""
    found = Violations()
    for permission, pointer in needed.items():
        if not worker.may(permission):
            detail = f"worker {worker.id} lacks the permission {permission}"
            found.forbidden("permission-missing", detail, pointer, permission=permission)
    found.refuse_if_any()
