"""Tables and set-based SQL, one repository per aggregate."""
