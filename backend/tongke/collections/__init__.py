"""Ordered, shareable collections of learning resources."""
