"""From the events of a log to Arrow: the columns, the rows, and what is counted."""
