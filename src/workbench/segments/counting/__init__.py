"""What is known of people, counted inside the engine: one row per person comes back, never an appointment or a text."""
