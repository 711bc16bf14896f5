"""What sales answers: the contract's bases with computed fields, one module per document."""
