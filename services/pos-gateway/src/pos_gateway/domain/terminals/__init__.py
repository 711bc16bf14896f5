"""Terminals, and the workers signed on at them."""
