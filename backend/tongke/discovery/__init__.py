"""Search and browse, always narrowed to what the reader may see, always re-checked against the database."""

from tongke.discovery.listing import Listed
from tongke.discovery.query import ResourceQuery
from tongke.discovery.service import Found, counts_by_framework_item, find, suggest

__all__ = ["Found", "Listed", "ResourceQuery", "counts_by_framework_item", "find", "suggest"]
