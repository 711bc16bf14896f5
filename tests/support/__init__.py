"""What tests of several kinds share: servers, fresh databases, polling."""
