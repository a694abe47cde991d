"""Looking a data set over: what cannot be used, and what stands on both sides of a split."""
