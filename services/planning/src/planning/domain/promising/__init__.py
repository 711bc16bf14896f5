"""Order promising: when a sales order's lines can be there, and the dates that a person accepts."""
