"""Work that takes its own transactions: at intervals, or step by step for a request."""
