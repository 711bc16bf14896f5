"""Requests of other services: planning asks for purchases, sales for receipts of drop shipments."""
