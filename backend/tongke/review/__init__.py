"""Review before publication: the states of a revision."""
