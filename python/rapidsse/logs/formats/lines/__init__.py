"""Logs of one event or piece of text per line."""
