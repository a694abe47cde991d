"""Reading pictures, serving batches: what every dataset plugin and the trainer share."""
