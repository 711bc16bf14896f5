"""What planning listens to, and what it does then."""
