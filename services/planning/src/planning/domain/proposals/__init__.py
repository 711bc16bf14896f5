"""Create purchase orders from a sales order: what its lines need beyond what is available (BC-PO-01 to 13)."""
