"""Posting: what leaves and what is invoiced, decided and recorded."""
