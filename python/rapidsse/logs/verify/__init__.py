"""Whether the streams of a log are whole."""
