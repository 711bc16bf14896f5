"""Purchase orders: what they are, how people change them, and how they are received and invoiced."""
