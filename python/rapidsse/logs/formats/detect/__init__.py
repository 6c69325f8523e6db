"""Recognises the format of a log, and files that are none."""
