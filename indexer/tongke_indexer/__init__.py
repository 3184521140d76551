"""What keeps the search index equal to the database."""
