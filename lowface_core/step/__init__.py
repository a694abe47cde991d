"""One training step: its names, who reads what, the frozen heads, running the enhancer."""
