"""The rules of customer orders at the till: values and pure functions, no I/O, no clock, no ids made."""
