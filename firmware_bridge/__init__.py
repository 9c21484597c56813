"""Everything that turns the outside world into sample blocks, and writes them to disk."""
