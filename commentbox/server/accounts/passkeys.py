"""Passkeys: what we ask a browser for, and whether what it answers is true.

A wrapper over py_webauthn that knows no table, no clock and no network. Callers keep the challenge as a one-time
thing (`base/once.py`) and store what comes back. Called by `accounts/actions.py` and by the sign-in and verify fronts.

The library looks at neither `crossOrigin` nor `topOrigin`, so `clientDataJSON` is read here before it is verified.
"""

import binascii
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

import webauthn
from webauthn.helpers import encode_cbor, options_to_json_dict, parse_cbor
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from commentbox.server.base.errors import Forbidden, Invalid
from commentbox.server.base.signing import b64url, b64url_bytes

CEREMONY_MINUTES = 5  # Long enough to look for a phone; also how long callers should keep the challenge.
# What every platform can make: ES256 first, then Ed25519, and RS256 for Windows Hello.
ALGORITHMS = [Algorithm.ECDSA_SHA_256, Algorithm.EDDSA, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
_MAX_CREDENTIAL_CHARS = 20_000  # An honest answer has two to six thousand.
# Besides its own family the library lets these through from its CBOR, ASN.1 and base64 parsing.
_UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


@dataclass(frozen=True)
class RelyingParty:
    """Who asks: the host name passkeys are bound to, and the one origin whose pages may make them.

    `related` are origins of the same publisher whose pages may use them as well (WebAuthn, related origin requests).
    """

    id: str
    origin: str
    name: str = "commentbox"
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewPasskey:
    """What is stored of a passkey: its handle (credential id, base64url), its public key (COSE bytes), its counter."""

    handle: str
    public_key: bytes
    sign_count: int


def registration_options(
    party: RelyingParty, *, challenge: bytes, user_handle: str, user_name: str, known_handles: Iterable[str] = ()
) -> dict[str, Any]:
    """Give the JSON for `navigator.credentials.create()`: a resident key, user verification, no attestation.

    `user_handle` is an opaque id (the account's), never something that names a person: the authenticator keeps it.
    """
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user_handle.encode(),
        user_name=user_name,
        user_display_name=user_name,
        challenge=challenge,
        timeout=CEREMONY_MINUTES * 60_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(known_handles),
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(options)


def authentication_options(
    party: RelyingParty, *, challenge: bytes, known_handles: Iterable[str] = ()
) -> dict[str, Any]:
    """Give the JSON for `navigator.credentials.get()`. Without `known_handles` the reader picks from their passkeys."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=CEREMONY_MINUTES * 60_000,
        allow_credentials=_descriptors(known_handles) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def verify_registration(party: RelyingParty, credential: object, *, challenge: bytes) -> NewPasskey:
    """Give the passkey that `credential` (the browser's JSON, as a dict) proves.

    Refuses `passkey.unreadable`, `passkey.cross_origin` (none is ever made in a frame), `passkey.user_not_verified`
    and `passkey.not_accepted`.
    """
    answer = _answer(credential)
    if _crosses(_client_data(answer)):
        raise Forbidden("passkey.cross_origin")
    try:
        proven = webauthn.verify_registration_response(
            credential=_without_attestation(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            supported_pub_key_algs=ALGORITHMS,
        )
    except _UNREADABLE as error:
        _refuse(error)
    _require_user(proven.user_verified)
    return NewPasskey(b64url(proven.credential_id), proven.credential_public_key, proven.sign_count)


def verify_authentication(
    party: RelyingParty,
    credential: object,
    *,
    challenge: bytes,
    passkey: NewPasskey,
    top_origins: Collection[str] = (),
) -> int:
    """Give the sign count of `credential`, proven to be made by `passkey` for this challenge; `goes_back` judges it.

    In a frame the browser says whose page is around it: only `top_origins` (the site's registered ones) may be.
    Refuses `passkey.unreadable`, `passkey.cross_origin`, `passkey.unknown`, `passkey.user_not_verified` and
    `passkey.not_accepted`.
    """
    answer = _answer(credential)
    _check_top(_client_data(answer), top_origins)
    if handle_of(answer) != passkey.handle:
        raise Forbidden("passkey.unknown")
    try:
        proven = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=[party.origin, *party.related],
            credential_public_key=passkey.public_key,
            # The library looks at the counter before the signature, so that anybody could play a copied key.
            credential_current_sign_count=0,
        )
    except _UNREADABLE as error:
        _refuse(error)
    _require_user(proven.user_verified)
    return proven.new_sign_count


def goes_back(count: int, before: int) -> bool:
    """Say whether a counter shows a copy of the key. One that stays at zero counts nothing, as with most passkeys."""
    return (count > 0 or before > 0) and count <= before


def handle_of(credential: object) -> str:
    """Say which passkey an answer claims to come from, to look it up by. Proves nothing yet."""
    answer = _answer(credential)
    handle = answer.get("id")
    if not isinstance(handle, str) or not handle or handle != b64url(b64url_bytes(handle)):
        raise Invalid("passkey.unreadable")
    return handle


def challenge_of(credential: object) -> str:
    """Say which challenge an answer claims to be for, to look it up by. Proves nothing yet."""
    challenge = _client_data(_answer(credential)).get("challenge")
    if not isinstance(challenge, str) or not challenge:
        raise Invalid("passkey.unreadable")
    return challenge


def account_of(credential: object) -> str | None:
    """Give the user handle an answer carries (the account's id), or None where the authenticator sent none."""
    response = _answer(credential)["response"]
    handle = response.get("userHandle")
    if not isinstance(handle, str) or not handle:
        return None
    try:
        return b64url_bytes(handle).decode("ascii")
    except UnicodeDecodeError:
        raise Invalid("passkey.unreadable") from None


def _require_user(verified: bool) -> None:
    """Refuse a key that was touched but asked for no finger, face or PIN. Ours to check, to say it in its own words."""
    if not verified:
        raise Forbidden("passkey.user_not_verified")


def _without_attestation(answer: dict[str, Any]) -> dict[str, Any]:
    """Drop the make and model that some keys state unasked: we judge nobody by it, so we parse no certificates."""
    made = parse_cbor(b64url_bytes(answer["response"]["attestationObject"]))
    plain = encode_cbor({"fmt": "none", "attStmt": {}, "authData": made["authData"]})
    return answer | {"response": answer["response"] | {"attestationObject": b64url(plain)}}


def _answer(credential: object) -> dict[str, Any]:
    if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
        raise Invalid("passkey.unreadable")
    if len(str(credential)) > _MAX_CREDENTIAL_CHARS:
        raise Invalid("passkey.unreadable")
    return credential


def _client_data(answer: dict[str, Any]) -> dict[str, Any]:
    text = answer["response"].get("clientDataJSON")
    if not isinstance(text, str):
        raise Invalid("passkey.unreadable")
    try:
        client_data = json.loads(b64url_bytes(text))
    except (ValueError, RecursionError, binascii.Error):
        raise Invalid("passkey.unreadable") from None
    if not isinstance(client_data, dict):
        raise Invalid("passkey.unreadable")
    return client_data


def _crosses(client_data: dict[str, Any]) -> bool:
    """Say whether the ceremony ran in a frame of another origin. Anything but a plain `false` or absence counts."""
    return client_data.get("crossOrigin", False) is not False or "topOrigin" in client_data


def _check_top(client_data: dict[str, Any], top_origins: Collection[str]) -> None:
    if not _crosses(client_data):
        return
    # Browsers that leave `topOrigin` out (it is newer than `crossOrigin`) cannot be told from a hostile page.
    top = client_data.get("topOrigin")
    if not isinstance(top, str) or top not in top_origins:
        raise Forbidden("passkey.cross_origin")


def _descriptors(handles: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=b64url_bytes(handle)) for handle in handles]


def _refuse(error: Exception) -> NoReturn:
    """Turn the library's error into ours. Its messages quote the answer, so they stay out."""
    if not isinstance(error, WebAuthnException):
        raise Invalid("passkey.unreadable") from None
    raise Forbidden("passkey.not_accepted") from None
