"""Writes the next migration from what changed in the models: ``python -m tongke.migrations.write WHAT``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from tongke.db import open_database
from tongke.migrations.runner import configuration, head, migrate


def write(what: str) -> Path:
    """Write ``NNNN_what.py`` beside the others and return its path; it is a draft to be read and tested."""
    config, number = configuration(), f"{int(head()) + 1:04}"
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with tempfile.TemporaryDirectory(prefix="tongke-") as folder:
        engine = open_database(f"sqlite:///{folder}/schema.sqlite3")
        migrate(engine)
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            script = command.revision(config, what, autogenerate=True, rev_id=number)
        engine.dispose()
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


if __name__ == "__main__":
    sys.stdout.write(f"{write(' '.join(sys.argv[1:]))}\n")
