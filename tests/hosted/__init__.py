"""A provider of hosted sessions for tests: a real HTTP server (`checker.py`) that speaks every dialect (`voices.py`)."""
