"""Reservations: made by people or automatically, kept up to their sales and purchase lines, ended."""
