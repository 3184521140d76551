"""The named diagrams, by what they are about."""
