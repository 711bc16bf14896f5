"""`python -m purchasing serve | work | migrate | republish | parked | offsets | copies`."""

from __future__ import annotations

from purchasing.app import build
from servicekit.cli import main

if __name__ == "__main__":
    main(build)
