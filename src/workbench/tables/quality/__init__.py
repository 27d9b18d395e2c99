"""What should hold of the canonical tables beyond their schemas: declared checks, each one query that counts."""
