"""Notices to the owner of an account by mail, where an address is confirmed: left as jobs, `notifications` has the words.

What must be known by people without an address, too, stands on their page for as long as it holds.
"""

from typing import Literal

from commentbox.server.base.work import Work

NOTICE = "notice"
"""The kind of the job."""
What = Literal[
    "passkey_copied",
    "recovery_asked",
    "recovery_contested",
    "recovery_cancelled",
    "recovery_done",
    "verified",
    "not_verified",
]


def tell(work: Work, account_id: str, what: What) -> None:
    """Leave a mail to somebody about their own account. The job holds ids and codes only."""
    work.job(NOTICE, {"account_id": account_id, "what": what})
