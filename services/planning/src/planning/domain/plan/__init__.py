"""The planning run: balances demand and supply of one item at one location. Pure functions over plain values."""
