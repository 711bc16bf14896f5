"""Parameters in paths that only planning has."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from httpkit.paths import RecordNo

WorksheetInPath = Annotated[RecordNo, Path(description="Name of the worksheet.", examples=["DEFAULT"])]
