"""One file per act: load, decide, store. They never commit."""
