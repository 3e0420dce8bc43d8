"""Identity providers for tests: the certified npm one (`certified.py`) and a crooked one of our own (`crooked.py`)."""
