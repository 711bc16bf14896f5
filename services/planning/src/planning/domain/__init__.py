"""Rules of planning as plain values and functions: no I/O, no clock, no ids made."""
