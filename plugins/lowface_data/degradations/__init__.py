"""Making a poor picture from a good one."""
