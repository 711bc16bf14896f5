"""One file per act: load, decide, store, over a batch; nothing here commits."""
