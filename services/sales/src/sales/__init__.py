"""Sales: customers, quotes, orders, invoices, return orders and the channel transactions of the tills."""
