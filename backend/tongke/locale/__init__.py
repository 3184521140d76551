"""Translations: one ``.po`` file for each area of work, merged into one catalogue by ``compile``."""
