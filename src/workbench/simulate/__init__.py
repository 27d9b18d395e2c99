"""A synthetic provider whose truth is known, written as canonical tables."""
