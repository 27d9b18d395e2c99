"""What a reader sees of a no-show study: its estimand, tables, figures, sentences and typed result."""
