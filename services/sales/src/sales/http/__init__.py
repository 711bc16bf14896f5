"""Routes by resource, and what they answer."""
