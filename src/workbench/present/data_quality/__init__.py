"""What a reader sees of data quality: tables, figures, sentences and the typed result."""
