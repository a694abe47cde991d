"""Frozen task heads: how the core freezes them, calls them once, and resumes feature ladders."""
