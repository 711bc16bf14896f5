"""POS gateway: stores, terminals, workers and the customer orders of the tills."""
