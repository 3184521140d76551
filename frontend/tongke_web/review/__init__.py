"""The review desk: what waits, one item at a time, and the decision."""
