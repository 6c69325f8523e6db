"""The log reader of the pure engine: frames or lines, fields, streams, columns."""
