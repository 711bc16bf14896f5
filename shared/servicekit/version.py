"""Which Koppel this is."""

from __future__ import annotations

import os
from typing import Final

VERSION: Final = "0.1.0"
"""Of all distributions of the repository; their `pyproject.toml` say the same."""
REVISION: Final = os.environ.get("KOPPEL_REVISION", "")
"""The commit that an image was built from, if its build says so."""
