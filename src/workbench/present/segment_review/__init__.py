"""What a reader sees of a segment review."""
