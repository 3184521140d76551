"""Framework items (CASE) and the data shipped with them."""
