"""Routes by resource, with the request and answer models."""
