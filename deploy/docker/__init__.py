"""Koppel in containers: the image, and the jobs that compose runs once."""
