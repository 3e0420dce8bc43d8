"""What a mail address looks like: enough to refuse a slip of the keys, never enough to say that it works."""

import re

from commentbox.server.base.errors import Invalid

LONGEST = 254
"""RFC 5321, 4.5.3.1."""
_ADDRESS = re.compile(r"^[^@\s\"<>(),;:\\]{1,64}@[^@\s\"<>(),;:\\]+\.[^@\s.\"<>(),;:\\]{2,}$")


def check(text: str) -> str:
    """Give an address in small letters, '' where there is none. Refuses `email.invalid`."""
    address = text.strip().lower()
    if address and (len(address) > LONGEST or not _ADDRESS.match(address)):
        raise Invalid("email.invalid")
    return address
