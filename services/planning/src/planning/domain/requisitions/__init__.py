"""Requisition lines: what planning wants bought, what people do with them, and their carry-out."""
