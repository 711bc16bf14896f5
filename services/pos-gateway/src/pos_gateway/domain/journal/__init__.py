"""The money of a terminal's business day."""
