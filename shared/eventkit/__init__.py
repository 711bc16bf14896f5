"""How events travel between services: outbox, relay, consumer, copies, waiting and parked events."""
