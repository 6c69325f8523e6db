"""What `scripts/differential.py` compares the engines on, and how."""
