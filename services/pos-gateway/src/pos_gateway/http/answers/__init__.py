"""Answers: what callers get, by resource."""
