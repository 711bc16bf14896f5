"""What the sales service publishes, a module per subject.

The bases hold the fields that requests, the service's own records, events and answers share.
"""
