"""Learning resources: stable addresses, immutable revisions, files, alignments, and what people think of them."""
