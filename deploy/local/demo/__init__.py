"""`make demo`: the four main flows, played through the HTTP APIs on sample data."""
