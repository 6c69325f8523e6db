"""The logs that the given names stand for, and the state of each."""
