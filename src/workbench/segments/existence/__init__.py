"""Whether groups are more than pieces of a continuum, and whether they are found again."""
