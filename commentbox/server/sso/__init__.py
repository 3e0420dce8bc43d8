"""The paper's own log-in: a signed token says which of the paper's readers this is. It never earns a badge.

`rules` says what a token must say, `keys` finds what it is signed with, `tokens` reads it, `actions` lets its bearer in.
Called by `web/sso` and `commentbox site sso`. docs/decisions/0011 says why it is built so.
"""
