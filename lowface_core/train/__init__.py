"""Training: the loop, what it trains, and what a run keeps to go on from."""
