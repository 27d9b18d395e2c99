"""Designs of validation, choice among models, enough events, transport: what is found before a test is opened."""
