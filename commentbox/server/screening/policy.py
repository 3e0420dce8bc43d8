"""What screening needs to know of a site's policy. `sites.rules.Policy` has all of it; screening knows no site."""

from typing import Protocol


class ScreeningPolicy(Protocol):
    """Bounds and lists that judge a draft. Counts are per hour, lengths in characters."""

    @property
    def max_length(self) -> int:
        """Longest comment."""

    @property
    def posts_per_hour_verified(self) -> int:
        """Comments an hour for a verified person."""

    @property
    def posts_per_hour_unverified(self) -> int:
        """Comments an hour for an unverified person."""

    @property
    def links_before_hold_verified(self) -> int:
        """More links than this in one comment of a verified person are held."""

    @property
    def links_before_hold_unverified(self) -> int:
        """More links than this in one comment of an unverified person are held."""

    @property
    def posts_per_hour_thread_verified(self) -> int:
        """Comments an hour in one thread for a verified person."""

    @property
    def posts_per_hour_thread_unverified(self) -> int:
        """Comments an hour in one thread for an unverified person."""

    @property
    def slow_seconds_verified(self) -> int:
        """Seconds between two comments of a verified person in one thread."""

    @property
    def slow_seconds_unverified(self) -> int:
        """Seconds between two comments of an unverified person in one thread."""

    @property
    def min_age_minutes_verified(self) -> int:
        """Minutes a verified account must be old."""

    @property
    def min_age_minutes_unverified(self) -> int:
        """Minutes an unverified account must be old."""

    @property
    def hold_unverified(self) -> bool:
        """Hold every comment of unverified people."""

    @property
    def hold_first_n(self) -> int:
        """Hold an account's first comments."""

    @property
    def blocked_domains(self) -> tuple[str, ...]:
        """Domains whose links are held, with everything below them."""

    @property
    def held_words(self) -> tuple[str, ...]:
        """Whole words, or several in a row, that hold a comment."""

    @property
    def hold_score_above(self) -> float:
        """Hold a text with a higher score; 1 holds none."""
