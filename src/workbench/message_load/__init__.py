"""Message load: what texts cost in opt-outs and bring in bookings, and how many are too many."""
