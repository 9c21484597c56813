"""Samples in, contraction events out, and the messages that carry them."""
