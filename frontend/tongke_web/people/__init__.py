"""Schools, people, rosters and classes: the pages of administrators, and the page where a one-time code is used."""
