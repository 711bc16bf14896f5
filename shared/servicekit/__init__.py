"""The processes of a service: command line, migrations, jobs, health, logs."""
