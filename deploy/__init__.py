"""Ways to run Koppel: without Docker (`deploy.local`) and in containers (`deploy/docker`)."""
