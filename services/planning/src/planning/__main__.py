"""`python -m planning serve | work | migrate | republish | parked`."""

from __future__ import annotations

from eventkit.cli import main
from planning.app import build

if __name__ == "__main__":
    main(build)
