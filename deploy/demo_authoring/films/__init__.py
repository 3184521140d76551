"""The lesson films, one module a subject."""
