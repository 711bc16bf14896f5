"""Answers that are not a resource's own state."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from planning.domain.requisition import RequisitionLineView


class GotLines(msgspec.Struct, frozen=True, kw_only=True):
    """What *get sales orders* wrote."""

    lines: tuple[RequisitionLineView, ...]


class RunLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A requisition line that became a purchase line."""

    line_id: UUID
    line_no: int | None
    sales_order_no: str
    sales_order_line_no: int | None


class RunOrderView(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order that the run made."""

    no: str
    vendor_no: str
    lines: tuple[RunLineView, ...]


class FailedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A requisition line that stays open, with every reason."""

    line_id: UUID
    errors: tuple[dict[str, Any], ...]
    sales_order_no: str
    sales_order_line_no: int | None


class SkippedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A requisition line whose sales line was procured another way."""

    line_id: UUID
    code: str
    detail: str
    purchase_order_no: str | None
    sales_order_no: str
    sales_order_line_no: int | None


class CarryOutRunView(msgspec.Struct, frozen=True, kw_only=True):
    """A carry-out; `status`: `running`, `succeeded`, `partly_failed`, `failed`."""

    id: UUID
    worksheet: str
    status: str
    purchase_orders: tuple[RunOrderView, ...]
    failed_lines: tuple[FailedLineView, ...]
    skipped: tuple[SkippedLineView, ...]
    started_at: datetime
    ended_at: datetime | None
