"""Comments in which every reader can see who is verified and choose whom to hear from."""

__version__ = "0.1.0"
