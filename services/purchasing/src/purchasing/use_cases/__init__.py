"""One file per act: load, decide, store; never commits."""
