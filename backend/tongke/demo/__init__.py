"""Demo content: a county that makes a visitor understand in a minute."""
