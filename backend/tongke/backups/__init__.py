"""Keeping a copy of everything the platform knows, and bringing it back on an empty machine."""
