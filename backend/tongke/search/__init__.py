"""Search engines behind one narrow protocol."""
