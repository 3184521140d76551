"""Search and browse, narrowed to what the viewer may see."""
