"""`make import DIR=…`: imports customers, vendors, items with opening stock and sales orders from CSV files.

`files` reads tables in whatever encoding and delimiter they come, `mapping` takes other companies' column names,
`bodies` makes requests of rows, `loading` sends them, and `report` holds what was refused, row by row.
"""
