"""A provider's answer to somebody who recovers an account: the passkey made before waits for it, here or for days.

Called where the answer comes in: `recovering` for one that the browser brings, `settling` for one that comes later.
"""

from datetime import datetime

from commentbox.server.accounts.passkeys import NewPasskey
from commentbox.server.base import once
from commentbox.server.base.errors import Forbidden
from commentbox.server.base.signing import Keyring, b64url, b64url_bytes
from commentbox.server.base.work import Work
from commentbox.server.verification import people, recovery
from commentbox.server.verification.providers.port import Result
from commentbox.server.verification.recovery import Asking

_PASSKEY = "recovery-passkey"


async def keep(work: Work, attempt_id: str, made: NewPasskey, *, minutes: int) -> None:
    """Keep the passkey that was made before going to the provider."""
    data = {"handle": made.handle, "public_key": b64url(made.public_key), "sign_count": made.sign_count}
    await once.put(work, _PASSKEY, attempt_id, data=data, minutes=minutes)


async def ask(
    work: Work, attempt_id: str, account_id: str, result: Result, *, keyring: Keyring, delay_hours: int
) -> datetime:
    """Begin the request if the answer is about the person of the account; give when it is through.

    Refuses `recovery.not_matched` and what asking refuses.
    """
    kept = await once.take(work, _PASSKEY, attempt_id)
    theirs = await people.attestation_for(work.q, account_id, result, keyring=keyring)
    if theirs is None:
        raise Forbidden("recovery.not_matched")
    passkey = NewPasskey(kept["handle"], b64url_bytes(kept["public_key"]), kept["sign_count"])
    asking = Asking(account_id, "provider", passkey, attestation_id=theirs)
    return await recovery.ask(work, asking, delay_hours=delay_hours)
