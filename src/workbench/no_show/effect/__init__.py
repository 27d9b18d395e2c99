"""What reminders do: a target trial emulated, days without reminders, randomized arms, and whom to remind."""
