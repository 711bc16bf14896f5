"""What the services say to each other: events, topics and refusals. Business words, no behaviour."""
