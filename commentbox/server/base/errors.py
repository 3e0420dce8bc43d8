"""The family of refusals. Rooms raise them, `gate/refusals.py` turns them into pages, fragments and JSON.

A refusal carries a stable code and data, never a sentence: sentences are translated at the gate.
"""

from typing import Any


class Refusal(Exception):
    """Something that was asked for will not happen. `status` is the HTTP status it answers with."""

    status = 400

    def __init__(self, code: str, /, **data: Any) -> None:
        """`code` is dotted and stable (`comment.window_closed`); `data` goes to the client as it is."""
        super().__init__(code)
        self.code = code
        self.data = data

    def __str__(self) -> str:
        return f"{self.code} {self.data}" if self.data else self.code


class Invalid(Refusal):
    """The input cannot be understood or breaks a rule that its sender can mend."""

    status = 422


class Unauthenticated(Refusal):
    """Nobody is signed in, or the session is over."""

    status = 401


class Forbidden(Refusal):
    """Known who it is, and they may not."""

    status = 403


class NotFound(Refusal):
    """No such thing, or not for this viewer: both look the same on purpose."""

    status = 404


class Conflict(Refusal):
    """The thing changed since it was read."""

    status = 409


class Gone(Refusal):
    """A one-time thing that was used already or ran out."""

    status = 410


class TooMuch(Refusal):
    """Too large for its place."""

    status = 413


class TooMany(Refusal):
    """A rate was passed; `seconds` in the data says when it opens again."""

    status = 429


class Unavailable(Refusal):
    """A part we depend on does not answer right now."""

    status = 503
