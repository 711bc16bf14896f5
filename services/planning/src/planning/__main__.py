"""`python -m planning serve | work | plan | migrate | republish | parked | offsets | copies`."""

from __future__ import annotations

from planning.app import build
from planning.jobs.calculate_plans import do_runs
from servicekit.cli import main

if __name__ == "__main__":
    main(build, own={"plan": (do_runs, "Do the planning runs that were asked for, then end.")})
