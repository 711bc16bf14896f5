"""Customer orders: what a till may agree with a customer, and what it costs."""
