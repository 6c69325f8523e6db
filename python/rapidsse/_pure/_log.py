"""`LogReader`: the events of a log, their streams and their columns."""


class LogReader:
    """Reads the bodies of a log."""
