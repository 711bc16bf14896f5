"""`python -m sales serve | work | migrate | republish | parked`."""

from eventkit.cli import main
from sales.app import build

if __name__ == "__main__":
    main(build)
