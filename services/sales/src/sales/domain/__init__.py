"""The rules of sales as plain Python: no I/O, no clock, no ids made here."""
