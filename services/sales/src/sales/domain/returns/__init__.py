"""Sales return orders: goods that come back, and the credit for them."""
