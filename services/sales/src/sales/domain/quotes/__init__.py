"""Sales quotes: offers that may become orders."""
