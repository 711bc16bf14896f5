"""Unposted purchase invoices: made by people, from receipts, or for a sale; posting them invoices and receives."""
