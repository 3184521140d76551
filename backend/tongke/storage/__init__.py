"""Objects behind one narrow protocol."""
