"""The version, in a module of its own because `importlib.metadata` is slow to import."""

__version__ = "0.1.0"
