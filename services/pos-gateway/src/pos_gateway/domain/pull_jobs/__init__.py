"""The job that hands orders over to sales."""
