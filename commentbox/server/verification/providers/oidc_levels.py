"""Which level of assurance an answer reached, and the name that goes with it: by `acr`, `vot` or `verified_claims`.

Where levels are listed, an answer of any other earns nothing. A name inside `verified_claims` counts only from the very
entry that the level was found in: a provider may state several, of different trust.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from commentbox.server.base.errors import Forbidden
from commentbox.server.verification.providers.oidc_settings import Level, OidcSettings

VERIFIED = "verified_claims"
Claims = Mapping[str, Any]


def missing(settings: OidcSettings, claims: Claims) -> bool:
    """Say whether the ID token lacks what a level or the name is read from, so that userinfo must be asked."""
    needs_verified = any(level.trust_framework for level in settings.levels) and VERIFIED not in claims
    return needs_verified or _joined(claims, settings.name_claims) is None


def reached(settings: OidcSettings, claims: Claims) -> Level:
    """Give the first listed level that the answer reached. Refuses `provider.level_too_low`."""
    if not settings.levels:
        return Level(acr="any", method=settings.method, assurance=settings.assurance)
    for level in settings.levels:
        if _holds(level, claims):
            return level
    raise Forbidden("provider.level_too_low")


def name(level: Level, claims: Claims, paths: tuple[str, ...]) -> str | None:
    """Join the claims at dotted `paths` (`verified_claims.claims.given_name`); None unless all of them are there."""
    return _joined(_of(level, claims), paths)


def spellings(level: Level, claims: Claims, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Give the name as the provider writes it in other scripts: `name#ja-Latn-JP` beside `name` (OpenID Connect Core 5.2)."""
    said = _of(level, claims)
    tags = {claim.partition("#")[2] for claim in _beside(said, paths[0])} if paths else set()
    spelled = (_joined(said, tuple(f"{path}#{tag}" for path in paths)) for tag in sorted(tags))
    return tuple(filter(None, spelled))


def _beside(claims: Claims, path: str) -> list[str]:
    parent, _, name = path.rpartition(".")
    around = _at(claims, parent) if parent else claims
    return [claim for claim in around if claim.startswith(f"{name}#")] if isinstance(around, Mapping) else []


def _of(level: Level, claims: Claims) -> Claims:
    """Give the claims with only the entry of `verified_claims` in them that fits the level."""
    fitting = [each for each in _verified(claims) if not level.trust_framework or _fits(level, each)]
    return {**claims, VERIFIED: fitting[0] if fitting else None}


def _holds(level: Level, claims: Claims) -> bool:
    if level.acr:
        return bool(claims.get("acr") == level.acr)
    if level.vot:
        return _parts(claims.get("vot")) == _parts(level.vot)
    return any(_fits(level, each) for each in _verified(claims))


def _parts(vector: object) -> frozenset[str]:
    """Give the components of a vector of trust, which have no order (RFC 8485, 3)."""
    return frozenset(vector.split(".")) if isinstance(vector, str) else frozenset()


def _verified(claims: Claims) -> Iterable[Claims]:
    """Give the entries of `verified_claims`: it may be one object or a list."""
    found = claims.get(VERIFIED)
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, Mapping)]


def _fits(level: Level, entry: Claims) -> bool:
    checked = entry.get("verification")
    if not isinstance(checked, Mapping) or checked.get("trust_framework") != level.trust_framework:
        return False
    return not level.assurance_level or checked.get("assurance_level") == level.assurance_level


def _joined(claims: Claims, paths: tuple[str, ...]) -> str | None:
    parts = [_at(claims, path) for path in paths]
    texts = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    return " ".join(texts) if texts and len(texts) == len(parts) else None


def _at(claims: object, path: str) -> object:
    for step in path.split("."):
        claims = claims.get(step) if isinstance(claims, Mapping) else None
    return claims
