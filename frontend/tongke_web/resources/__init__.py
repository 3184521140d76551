"""The page of a learning resource and what a reader does with it."""
