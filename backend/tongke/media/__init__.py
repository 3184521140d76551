"""Uploads, assets and their renditions."""
