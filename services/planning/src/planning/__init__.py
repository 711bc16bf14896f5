"""Planning: items, stock, worksheets and demand; the only one that turns demand into purchase requests."""
