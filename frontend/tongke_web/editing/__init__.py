"""Uploading files and writing a draft: metadata, alignments, captions, submission."""
