"""One's own resources and favourites."""
