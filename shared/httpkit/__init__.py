"""What every HTTP route shares: problem+json, idempotency, ETags, cursors, operations, authentication."""
