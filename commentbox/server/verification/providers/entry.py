"""What every `[[provider]]` table of the operator's file has in common."""

from pydantic import BaseModel, ConfigDict

from commentbox.server.base.entries import Slug
from commentbox.server.verification.providers.port import Assurance, MethodClass, Uniqueness


class Entry(BaseModel):
    """What any provider says about itself. Extra words are refused: a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Slug
    label: str = ""
    method: MethodClass
    assurance: Assurance = "substantial"
    uniqueness: Uniqueness
