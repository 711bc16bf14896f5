"""Points where a test kills the process as `kill -9` would; without KOPPEL_FAILPOINT they do nothing."""

from __future__ import annotations

import os
from pathlib import Path

EXIT_STATUS = 86
_armed = os.environ.get("KOPPEL_FAILPOINT", "")
_once_file = os.environ.get("KOPPEL_FAILPOINT_ONCE", "")
_skip = int(os.environ.get("KOPPEL_FAILPOINT_SKIP", "0"))


def reach(point: str) -> None:
    """Die here if this is the armed point.

    It is passed KOPPEL_FAILPOINT_SKIP times first. KOPPEL_FAILPOINT_ONCE names a file that is created at death; while
    it exists the point is not armed, so that the restarted process goes on.
    """
    global _skip  # noqa: PLW0603 - a process has one set of failpoints
    if point != _armed:
        return
    if _once_file and Path(_once_file).exists():
        return
    if _skip > 0:
        _skip -= 1
        return
    if _once_file:
        Path(_once_file).touch()
    os._exit(EXIT_STATUS)
