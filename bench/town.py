"""What the benches work on: an export file of any size, a site to import it into, and people who may write.

The file is invented and looks like a real one: articles of different sizes, replies, a sentence or three per comment.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from bench.load import encode
from commentbox.server import threads
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.base import migrate
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.sites import actions as sites
from commentbox.server.threads import ArticleRef

PAPER = "https://paper.example"
SITE = "bench"
TWENTY, SMALL, LARGE = 20, 50, 10_000
"""The thread whose frame is weighed, and the two whose pages must cost the same."""
USUAL = 100
WRITERS = 32
ACCOUNTS_PER_WRITER = 8
"""Writers take turns on several accounts, so that nobody passes the rate a site may allow at most (500 an hour)."""
ARTICLES = 20
SENTENCES = (
    "The quay was built for ships, not for cars.",
    "I have read the harbour office's own figures, and they say something else.",
    "Ask the people who work there at five in the morning.",
    "My grandfather unloaded herring on that quay.",
    "A ferry every twenty minutes would do more than any road.",
)


def environment(folder: Path) -> dict[str, str]:
    """Give the settings of the instance under test; every account has a network address of its own."""
    return {
        "COMMENTBOX_DATA_DIR": str(folder),
        "COMMENTBOX_BASE_URL": "http://comments.localhost:8000",
        "COMMENTBOX_SECRET": "a secret that only the benches know",
        "COMMENTBOX_TRUSTED_PROXIES": "127.0.0.1",
    }


def settings(folder: Path) -> Settings:
    """Give the same as an object."""
    os.environ.update(environment(folder))
    return Settings()


def article(size: int, number: int = 0) -> str:
    """Give the address of an imported article with so many comments."""
    return f"{PAPER}/{size}/{number}"


def write_export(file: Path, comments: int) -> None:
    """Write a Disqus export with so many comments; the first articles are of the sizes above."""
    sizes = [TWENTY, SMALL, *([LARGE] if comments > 2 * LARGE else [])]
    usual = (comments - sum(sizes)) // USUAL
    sizes += [USUAL] * usual
    with file.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com" ')
        out.write('xmlns:dsq="http://disqus.com/disqus-internals">\n')
        for number, size in enumerate(sizes):
            out.write(_article(number, article(size, number if size == USUAL else 0)))
        for number, size in enumerate(sizes):
            out.writelines(_comments(number, size))
        out.write("</disqus>\n")


def _article(number: int, url: str) -> str:
    dates = "<createdAt>2020-01-01T08:00:00Z</createdAt>"
    state = "<isClosed>false</isClosed><isDeleted>false</isDeleted>"
    return f'<thread dsq:id="{number}"><id>{url}</id><link>{url}</link><title>The quay</title>{dates}{state}</thread>\n'


def _comments(article_number: int, size: int) -> Iterator[str]:
    """Give the comments of one article: four in ten stand at the top, the others answer one of those."""
    tops: list[str] = []
    for number in range(size):
        id_ = f"{article_number}-{number}"
        at = datetime(2020, 1, 1, 9, tzinfo=UTC) + timedelta(seconds=20 * number)
        words = " ".join(SENTENCES[(number + step) % len(SENTENCES)] for step in range(1 + number % 3))
        parent = "" if number % 5 < 2 else f'<parent dsq:id="{tops[number // 5 * 2 % len(tops)]}"/>'
        if not parent:
            tops.append(id_)
        yield (
            f'<post dsq:id="{id_}"><message><![CDATA[<p>{words}</p>]]></message><createdAt>{at:%Y-%m-%dT%H:%M:%SZ}'
            f"</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Reader {number % 97}</name>"
            f'</author><thread dsq:id="{article_number}"/>{parent}</post>\n'
        )


async def found(folder: Path) -> None:
    """Make the instance and its site."""
    made = settings(folder)
    await migrate.upgrade(made.database)
    db = Database(made.database)
    async with begin(db) as work:
        site_id = await sites.create(work, SITE, name="The Bench", origins=[PAPER])
        await sites.set_policy(work, site_id, posts_per_hour_unverified=500, posts_per_hour_address=5000)
        for number in range(ARTICLES):
            ref = ArticleRef(url=f"{PAPER}/quay-{number}")
            await threads.register(work, site_id, ref, title="The quay", source="api")
    await db.close()


@dataclass(frozen=True)
class Writer:
    """Somebody who may write: the tokens of their sessions, one for each account."""

    number: int
    tokens: tuple[str, ...]

    def posts(self, port: int, origin: str, *, htmx: bool = False) -> Iterator[bytes]:
        """Give comments to post, each different, turn about on all articles; with `htmx` the answer is a fragment."""
        for number in count():
            turn = number % len(self.tokens)
            headers = {
                "Host": f"127.0.0.1:{port}",
                "Origin": origin,
                "Authorization": f"Bearer {self.tokens[turn]}",
                "X-Forwarded-For": f"198.51.{self.number}.{turn}",
                "Content-Type": "application/x-www-form-urlencoded",
            } | ({"HX-Request": "true"} if htmx else {})
            url = f"{PAPER}/quay-{(self.number + number) % ARTICLES}"
            form = {"site": SITE, "url": url, "text": f"Point {number} of writer {self.number}."}
            yield encode("POST", "/comments", headers=headers, body=urlencode(form).encode())


async def writers(folder: Path) -> list[Writer]:
    """Sign up everybody who will write, and sign them in as a frame without cookies does."""
    db = Database(settings(folder).database)
    async with begin(db) as work:
        site = await sites.by_slug(work.q, SITE)
        found = []
        for number in range(WRITERS):
            tokens = []
            for turn in range(ACCOUNTS_PER_WRITER):
                name = names.check(f"Writer {_word(number)} {_word(turn)}")
                account_id = await accounts.sign_up(work, name)
                session = await accounts.open_session(
                    work, account_id, kind="bearer", by_passkey=False, site_id=site.id
                )
                tokens.append(session.token)
            found.append(Writer(number, tuple(tokens)))
    await db.close()
    return found


def _word(number: int) -> str:
    """Give a pronounceable word for a number; names with digits would look alike to the rules on names."""
    return "".join("bdfgklmnprst"[digit] + "aeiou"[digit % 5] for digit in divmod(number, 12)).title()
