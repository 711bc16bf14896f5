"""Sales orders: the aggregate, the requests about it, and what decides them."""
