"""What texts do to opt-outs and bookings, taken as causes: two ways that must agree, saturation, and ceilings."""
