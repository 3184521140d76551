"""The embedded search engine: tantivy in a directory of its own."""

from tongke.search.embedded.engine import EmbeddedSearch

__all__ = ["EmbeddedSearch"]
