"""Work that outlives a request, kept in the application's database."""
