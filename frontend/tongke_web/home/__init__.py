"""The first page: what this is, where to begin, what is new."""
