"""Finding faces before and after enhancement: average precision of a detector."""
