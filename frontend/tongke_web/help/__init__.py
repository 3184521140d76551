"""What this is, and how to use it."""
