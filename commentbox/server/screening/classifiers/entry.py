"""What every `[[classifier]]` table of the operator's file has in common."""

from pydantic import BaseModel, ConfigDict, Field

from commentbox.server.base.entries import Slug

MOST_SECONDS = 3.0
"""Whoever pressed Post is waiting. What takes longer is asked again after the comment is up."""


class Entry(BaseModel):
    """What any helper says about itself. Extra words are refused: a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Slug
    seconds: float = Field(1.0, ge=0.05, le=MOST_SECONDS)
