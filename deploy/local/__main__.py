"""`python -m deploy.local <command>`."""

from deploy.local.cli import main

if __name__ == "__main__":
    main()
