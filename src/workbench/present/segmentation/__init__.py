"""What a reader sees of a segmentation: its terms, tables, figures, sentences and typed result."""
