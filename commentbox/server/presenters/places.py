"""Where a reader is: which article, how it is shown, on which page. Every link and form of a thread begins here."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

FRAME = "/embed/thread"
WINDOW = "/thread"


@dataclass(frozen=True)
class Place:
    """An article on a site, seen in a frame or in a window of our own, with the reader's filter and order.

    `lang` and `theme` are what the address asked for (None: the site's own).
    """

    site: str
    url: str | None = None
    article_id: str | None = None
    sig: str | None = None
    show: str = "everyone"
    sort: str = "newest"
    lang: str | None = None
    theme: str | None = None
    page: str = FRAME

    @cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Give the hidden fields that bring a form back to this place."""
        names = ("site", "article_id", "url", "sig", "show", "sort", "lang", "theme")
        return tuple((name, value) for name in names if (value := getattr(self, name)))

    @cached_property
    def article(self) -> tuple[tuple[str, str], ...]:
        """Give the fields that name the article, without the reader's filter and order."""
        return tuple(field for field in self.fields if field[0] not in ("show", "sort"))

    @property
    def is_framed(self) -> bool:
        """Say whether the page is shown in a frame, where other pages of ours may not follow."""
        return self.page == FRAME

    @cached_property
    def here(self) -> str:
        """Give the address of this place."""
        return f"{self.page}?{urlencode(self.fields)}"

    @cached_property
    def window(self) -> str:
        """Give the address of this place in a window of our own, which works without a frame and without scripts."""
        return f"{WINDOW}?{urlencode(self.fields)}"

    @cached_property
    def viewer(self) -> str:
        """Give the address of the viewer's own layer for this place."""
        return f"/embed/viewer?{urlencode(self.fields)}"

    @cached_property
    def query(self) -> str:
        """Give what the live script puts behind its addresses: the place, and which page it is on."""
        return urlencode([*self.fields, *([] if self.is_framed else [("page", "window")])])

    def shown(self, show: str) -> str:
        """Give the address of this place under another filter."""
        return f"{self.page}?{urlencode([(name, show if name == 'show' else value) for name, value in self.fields])}"

    def part(self, only: str, cursor: str = "", *, show: str | None = None) -> str:
        """Give the address of a part of the thread, such as the editor's `picks`."""
        base = self.shown(show) if show else self.here
        return f"{base}&only={only}" + (f"&cursor={cursor}" if cursor else "")

    def more(self, cursor: str) -> str:
        """Give the address of the page after a cursor."""
        return f"{self.here}&cursor={cursor}"

    def searching(self, words: str, cursor: str = "") -> str:
        """Give the address of what is found for words at this place."""
        return f"{self.here}&{urlencode({'q': words} | ({'cursor': cursor} if cursor else {}))}"

    def around(self, comment_id: str, *, after: str = "", show: str | None = None) -> str:
        """Give the address of one comment with what is around it; `after` is the last reply that was shown."""
        base = self.shown(show) if show else self.here
        return f"{base}&comment={comment_id}" + (f"&cursor={after}" if after else "")

    def replying(self, comment_id: str) -> str:
        """Give the address of the page where a reply is written without scripts."""
        return f"{self.window}&comment={comment_id}&write=reply#cb-viewer"

    def quoting(self, comment_id: str) -> str:
        """Give the address of the page where a reply is written below the words it answers."""
        return f"{self.window}&comment={comment_id}&write=quote#cb-viewer"

    def editing(self, comment_id: str) -> str:
        """Give the address of the page where one's own comment is edited without scripts."""
        return f"{self.window}&comment={comment_id}&write=edit#cb-viewer"

    def editor(self, comment_id: str) -> str:
        """Give the address of the form for editing one's own comment in its place."""
        return f"/embed/edit?{urlencode([('comment', comment_id), *self.fields])}"

    def replies(self, comment_id: str, *, after: str = "") -> str:
        """Give the address of the fragment with the replies of a comment that come after one of them."""
        return self._fragment(comment_id, ("after", after), ("show", self.show))

    def step(self, which: str) -> str:
        """Give the address that leads to an author's `next` or `previous` comment; that of a comment of theirs is left out
        at its end, because a page has many.
        """
        wanted = [*self.fields, ("page", "" if self.page == FRAME else "window"), ("step", which)]
        return "/embed/step?" + urlencode([pair for pair in wanted if pair[1]]) + "&comment="

    def opened(self, comment_id: str) -> str:
        """Give the address of the fragment with a comment that the filter hides, and everything under it."""
        return self._fragment(comment_id, ("open", "1"))

    def _fragment(self, comment_id: str, *more: tuple[str, str]) -> str:
        wanted = [("comment", comment_id), *more, ("sort", self.sort), ("lang", self.lang or "")]
        wanted += [("theme", self.theme or ""), ("page", "" if self.page == FRAME else "window")]
        return "/embed/replies?" + urlencode([pair for pair in wanted if pair[1]])
