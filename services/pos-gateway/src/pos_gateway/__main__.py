"""`python -m pos_gateway serve | work | migrate | republish | parked | offsets | copies`."""

from pos_gateway.app import build
from servicekit.cli import main

if __name__ == "__main__":
    main(build)
