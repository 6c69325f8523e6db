"""Recorded requests: one per line, or all in one document."""
