"""Rosters: spreadsheets of people, read in any encoding of the country, checked line by line, imported whole or not."""
