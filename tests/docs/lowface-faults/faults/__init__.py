"""Modules with one fault each, for the messages in docs/plugins/debugging.md."""
