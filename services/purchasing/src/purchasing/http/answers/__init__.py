"""What resources answer: every field is there, also when it is empty."""
