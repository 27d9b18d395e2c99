"""No-show models: what could be known of an appointment at a moment, how well it predicts, and whom to remind."""
