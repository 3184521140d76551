"""What a person sees: views, templates, static files."""
