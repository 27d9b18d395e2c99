"""From vendors' exports to canonical tables."""
