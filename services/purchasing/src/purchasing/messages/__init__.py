"""What arrives over Kafka, and the use case it leads to."""
