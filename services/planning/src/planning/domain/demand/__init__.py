"""The demand of sales orders: what became of each flagged line, and what follows from other services' documents."""
