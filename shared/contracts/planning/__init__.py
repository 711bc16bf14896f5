"""What the planning service publishes, a module per subject.

The fields that a record's request, state, event and answer share stand in bases, described once.
"""
