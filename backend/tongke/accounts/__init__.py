"""People, schools, regions, and how they sign in."""
