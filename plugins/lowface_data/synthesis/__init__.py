"""Making low-light data sets of normal-light ones."""
