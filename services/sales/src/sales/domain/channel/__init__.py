"""Transactions of tills: how they become sales orders, and what happens when they cannot."""
