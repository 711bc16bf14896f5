"""One act per module: load, decide, store; over a batch; never committing."""
