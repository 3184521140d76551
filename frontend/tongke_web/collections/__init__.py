"""Collections: one's own, public ones, filling and ordering them."""
