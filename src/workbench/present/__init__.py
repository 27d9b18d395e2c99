"""Everything a reader sees: results, figures, tables, verdict sentences, disclosure control."""
