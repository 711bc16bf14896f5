"""What the rules of all services share: money, days, reference data, blocking. Plain Python, no I/O."""
