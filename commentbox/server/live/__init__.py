"""What open pages are told: that a comment came, changed or went, by its id alone.

Everything here follows the sealed journal by position; a message of the bus only says when to look.
"""
