"""How use cases work on stored records: commands, reference data, locked documents, master data, number series."""
