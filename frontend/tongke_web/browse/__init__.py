"""Finding resources: search, facets, suggestions."""
