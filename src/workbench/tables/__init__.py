"""The canonical tables: their schema, where they come from, and who of them may be studied, as of when."""
