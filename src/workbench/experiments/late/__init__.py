"""Outcomes that come late: how much is in, what is still to come, and by what assumptions it is told."""
