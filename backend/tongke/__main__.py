"""``python -m tongke``: the command line."""

from tongke.main.cli import app

app(prog_name="tongke")
