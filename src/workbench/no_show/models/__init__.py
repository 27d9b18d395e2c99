"""Models of who will miss: each in a file, all learned from a feature frame and asked for probabilities."""
