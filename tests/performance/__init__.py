"""The benchmark: Koppel beside a program that does the least the same work needs; it asserts no time."""
