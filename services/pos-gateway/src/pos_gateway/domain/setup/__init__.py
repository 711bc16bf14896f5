"""What a company sets up for its tills."""
