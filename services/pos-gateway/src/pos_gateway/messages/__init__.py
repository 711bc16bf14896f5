"""What the gateway listens to."""
