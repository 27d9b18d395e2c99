"""What a reader sees of an A/B analysis: its estimand, tables, figures, sentences and typed result."""
