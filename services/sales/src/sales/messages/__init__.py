"""What sales does when others publish: kind to handler."""
