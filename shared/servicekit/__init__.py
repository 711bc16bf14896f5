"""What the processes of a service are made of: command line, migrations, jobs, health, logs."""
