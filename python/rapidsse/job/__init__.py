"""Many logs into an output folder, on several threads, safe to kill."""
