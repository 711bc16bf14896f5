"""Work of several transactions: what begins and commits them itself."""
