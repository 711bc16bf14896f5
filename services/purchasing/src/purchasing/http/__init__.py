"""The HTTP API: routes by resource, and what they answer."""
