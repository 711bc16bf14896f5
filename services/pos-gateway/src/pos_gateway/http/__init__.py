"""Routes by resource; request models and answers."""
