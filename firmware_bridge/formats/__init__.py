"""Recordings that are no EDF, read as columns of numbers: one reader a format, one contract for all."""
