"""Business rules of purchasing: plain values in, new values and events out; no I/O."""
