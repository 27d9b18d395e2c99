"""Human oversight: approved models, the daily review list, who is held out of it, and the alarm for drift."""
