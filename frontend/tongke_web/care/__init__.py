"""Pages that say what needs a person today."""
