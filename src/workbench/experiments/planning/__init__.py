"""Before an experiment: what it can show at the clinic's traffic, with how many people, in how many days."""
