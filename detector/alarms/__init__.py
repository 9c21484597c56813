"""What wakes people: a pure state machine per condition and sensor, the ladder of who is told, and their store."""
