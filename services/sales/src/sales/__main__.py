"""`python -m sales serve | work | migrate | republish | parked | offsets | copies`."""

from sales.app import build
from servicekit.cli import main

if __name__ == "__main__":
    main(build)
