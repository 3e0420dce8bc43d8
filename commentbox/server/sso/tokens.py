"""Reading the paper's token: header, key, signature, then what it says. Nothing is believed before the signature holds."""

from typing import Any

from joserfc import jwt
from joserfc.jwk import Key

from commentbox.server.base.jose import BROKEN, Registry, header_of
from commentbox.server.sites.rules import Policy
from commentbox.server.sso.keys import PaperKeys, algorithms_of
from commentbox.server.sso.rules import (
    LONGEST_TOKEN,
    PUBLISHED,
    SHARED,
    Expected,
    Login,
    check_header,
    login_of,
    refused,
)

_REGISTRIES: dict[tuple[str, ...], Registry] = {each: Registry(each) for each in (PUBLISHED, SHARED)}


async def read(token: object, keys: PaperKeys, policy: Policy, expected: Expected) -> Login:
    """Give what a token says. Refuses `sso.off`, `sso.refused` and `sso.keys_unreachable`, and never quotes it."""
    algorithms = algorithms_of(policy)
    registry = _REGISTRIES[algorithms]
    if not isinstance(token, str) or not token.isascii() or len(token) > LONGEST_TOKEN:
        raise refused("token")
    try:
        header = header_of(token, registry)
    except BROKEN:
        raise refused("token") from None
    fitting = await keys.fitting(policy, check_header(header, algorithms))
    return login_of(_claims(token, fitting, registry), expected)


def _claims(token: str, keys: list[Key], registry: Registry) -> dict[str, Any]:
    for key in keys:
        try:
            return dict(jwt.decode(token, key, registry=registry).claims)
        except BROKEN:
            continue
    raise refused("signature")
