"""The trainer: mmengine's Runner, wrapped thinly."""
