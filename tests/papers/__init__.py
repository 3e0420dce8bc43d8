"""What stands on the other side of our own-log-in code: a paper with readers, keys and a log-in page."""
