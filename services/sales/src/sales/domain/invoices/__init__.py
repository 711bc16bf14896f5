"""Sales invoices without an order: goods that leave with them, and shipments of orders that they bill."""
