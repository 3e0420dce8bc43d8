"""The dialects of the `webhook` shape, one file each. Adding one is its file and a row here (docs/providers.md)."""

from commentbox.server.verification.providers.dialects import onfido, persona, standard, stripe, sumsub, veriff
from commentbox.server.verification.providers.dialects.dialect import Dialect

DIALECTS: dict[str, Dialect] = {
    each.name: each
    for each in (
        stripe.DIALECT,
        persona.DIALECT,
        veriff.DIALECT,
        onfido.DIALECT,
        sumsub.DIALECT,
        standard.DIALECT,
    )
}
