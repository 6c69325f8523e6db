"""What is in the content: which format it is, the bodies in it, and where it can be cut."""
