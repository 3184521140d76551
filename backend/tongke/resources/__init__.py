"""Learning resources and their immutable revisions."""
