"""The libraries whose own tests `test_peers.py` runs, and the pytest plugin that it runs them by."""
