"""Outside help: whoever is asked about a text before it is published. `port.py` is the port, `asking.py` what posting calls.

Nothing is imported here: the worker of the local classifier is a process of its own and stays small.
"""
