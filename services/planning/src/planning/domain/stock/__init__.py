"""Stock: the item ledger, what is allocated, what is available."""
