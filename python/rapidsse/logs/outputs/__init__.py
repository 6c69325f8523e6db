"""Rows and images as files, which appear whole or not at all."""
