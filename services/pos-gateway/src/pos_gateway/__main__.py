"""`python -m pos_gateway serve | work | migrate | republish | parked`."""

from eventkit.cli import main
from pos_gateway.app import build

if __name__ == "__main__":
    main(build)
