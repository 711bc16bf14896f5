"""What services exchange: events, topics, field types and refusals. Data, no behaviour."""
