"""Every piece of the look in all its states, for those who build pages."""
