"""The one place that knows what time it is. Tests set it; nothing else reads the system clock."""

from datetime import UTC, datetime, timedelta

_offset = timedelta()
_frozen: datetime | None = None


def now() -> datetime:
    """Give the present moment, aware and in UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC) + _offset


def set(moment: datetime) -> None:
    """Stop the clock at `moment` (tests only)."""
    global _frozen
    _frozen = moment.astimezone(UTC)


def advance(**span: float) -> None:
    """Move the clock by a `timedelta(**span)`, stopped or running (tests only)."""
    global _frozen, _offset
    if _frozen is not None:
        _frozen += timedelta(**span)
    else:
        _offset += timedelta(**span)


def reset() -> None:
    """Let the clock run true again."""
    global _frozen, _offset
    _frozen, _offset = None, timedelta()
