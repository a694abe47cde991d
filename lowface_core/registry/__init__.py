"""Plugins: what they may implement, how they are found and validated, what they offer."""
