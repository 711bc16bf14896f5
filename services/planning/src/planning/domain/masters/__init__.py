"""Master data that planning owns."""
