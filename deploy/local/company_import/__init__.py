"""`make load-northwind DIR=…`: imports customers, vendors, items with opening stock and sales orders from CSV files.

`files` detects the encoding and delimiter of tables, `mapping` takes other companies' column names,
`bodies` makes requests of rows, `loading` sends them, and `report` holds what was refused, row by row.
"""
