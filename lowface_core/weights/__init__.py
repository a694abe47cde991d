"""Frozen weights: their records, where they are kept, how they are read."""
