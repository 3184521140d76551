"""``python -m tongke``, and the ``tongke`` program: the command line."""

from tongke.main.loading import loading


def main() -> None:
    """Run the command that was typed."""
    with loading():
        from tongke.main.cli import app  # slow import: it is why ``loading`` is there

    app(prog_name="tongke")


if __name__ == "__main__":
    main()
