"""Acts of tills: later transactions on an order. Pure decisions; the use cases store and submit them."""
