"""The laboratory: worlds by name, each declared with the question it puts and the truth it holds."""
