"""Events between services: envelope, outbox, relay, batch consumer, waiting, parking; no business words."""
