"""What the purchasing service publishes, a module per subject."""
