"""What the platform knows and does."""

__version__ = "0.1.0"
