"""The curriculum as a tree: standards, textbooks, local curricula."""
