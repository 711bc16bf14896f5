"""Tables of the gateway: one module per aggregate, set-based SQL, plural."""
