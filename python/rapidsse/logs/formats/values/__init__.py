"""What recorders write values as: JSON, YAML, base64, compressed text, and the events in them."""
