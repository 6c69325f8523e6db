"""From the name of a log to the bytes of its content: files, URLs and memory, decompressed."""
