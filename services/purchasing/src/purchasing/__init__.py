"""Purchasing: vendors, purchase orders, and the link between a purchase line and a sales line."""
