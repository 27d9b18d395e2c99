"""Any other table, by a declared mapping."""
