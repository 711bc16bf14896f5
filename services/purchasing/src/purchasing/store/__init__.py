"""Tables and set-based SQL."""
