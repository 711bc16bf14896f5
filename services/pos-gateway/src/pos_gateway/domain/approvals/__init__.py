"""A manager's single-use approvals of what a worker may not do alone (POS-117 to POS-120)."""
