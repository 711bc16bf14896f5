"""One file per act: load, decide, store. No use case commits."""
