"""What should hold of the canonical tables beyond their schemas: declared checks, each of rows that are counted."""
