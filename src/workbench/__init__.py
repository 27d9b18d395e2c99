"""Workbench: find out, honestly, what text messages do for the patients of a mental-healthcare provider."""
