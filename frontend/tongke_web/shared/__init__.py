"""What every page shares: base, pieces, preferences."""
