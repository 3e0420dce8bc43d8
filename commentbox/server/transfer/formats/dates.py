"""Reads the dates that exports hold into aware UTC moments; None for null and impossible ones."""

from datetime import UTC, datetime, timedelta


def moment(text: str) -> datetime | None:
    """Read "2013-10-10T19:20:29Z", "2013-10-10 19:20:29" or any ISO date; without a zone it is UTC."""
    text = text.strip()
    if not text or text.startswith("0000-"):
        return None
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def utc_offset(local: datetime | None, utc: datetime | None) -> timedelta | None:
    """Give what must be added to the local clock time to get UTC, where both are known and believable."""
    if local is None or utc is None:
        return None
    offset = utc - local
    return offset if abs(offset) <= timedelta(hours=15) else None


def shifted(local: datetime, offset: timedelta | None) -> datetime | None:
    """Give the local clock time as UTC; None at the very ends of the calendar."""
    try:
        return local + (offset or timedelta())
    except OverflowError:
        return None
