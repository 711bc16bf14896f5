"""What planning does at intervals."""
