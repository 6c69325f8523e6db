"""`python -m rapidsse`."""

from .cli import command

command()
