"""Routes by resource; what they take (bodies, filters) and what they answer."""
