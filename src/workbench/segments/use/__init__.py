"""Using groups: what becomes of each, which message suits it, and whom texts do not suit at all."""
