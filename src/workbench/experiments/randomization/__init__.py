"""The draw: who is randomized, into which arm, and the protected list of it."""
