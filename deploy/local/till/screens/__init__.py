"""The till's screens."""
