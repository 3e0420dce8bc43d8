"""Makes export files: small ones to the letter for single rules, and large ones in the shape of a real newspaper's."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

HOST = "https://paper.example"

_TEXT = "the harbour is not what it was and nobody on the council seems to mind very much when boats are late"
_WORDS = tuple(_TEXT.split(" "))
_BEGIN = datetime(2015, 1, 1)


def disqus_thread(
    ref: str, *, link: str | None = None, closed: bool = False, deleted: bool = False, own_id: str = ""
) -> str:
    """Give one `<thread>`; without a link it gets one on the paper's host."""
    link = f"{HOST}/a/{ref}" if link is None else link
    return (
        f'<thread dsq:id="{ref}"><id>{own_id}</id><forum>sample</forum><link>{escape(link)}</link><title>Article {ref}</title>'
        f"<createdAt>2015-01-01T00:00:00Z</createdAt><author><name>Owner</name></author>"
        f"<isClosed>{str(closed).lower()}</isClosed><isDeleted>{str(deleted).lower()}</isDeleted></thread>\n"
    )


def disqus_post(
    ref: str,
    *,
    thread: str = "t",
    parent: str = "",
    message: str = "<p>Well said.</p>",
    name: str = "Ann",
    at: str = "2019-03-04T01:02:03Z",
    deleted: bool = False,
    spam: bool = False,
) -> str:
    """Give one `<post>`."""
    above = f'<parent dsq:id="{parent}"/>' if parent else ""
    return (
        f'<post dsq:id="{ref}"><id/><message><![CDATA[{message}]]></message><createdAt>{at}</createdAt>'
        f"<isDeleted>{str(deleted).lower()}</isDeleted><isSpam>{str(spam).lower()}</isSpam>"
        f"<author><email>ann@example.com</email><name>{escape(name)}</name><isAnonymous>true</isAnonymous></author>"
        f'<ipAddress>192.0.2.5</ipAddress><thread dsq:id="{thread}"/>{above}</post>\n'
    )


DISQUS_BEGIN = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'
)
DISQUS_END = "</disqus>\n"


def disqus(*parts: str) -> str:
    """Give a whole Disqus export of these threads and posts."""
    return DISQUS_BEGIN + "".join(parts) + DISQUS_END


def wordpress_comment(
    ref: str,
    *,
    parent: str = "0",
    content: str = "Well said.",
    name: str = "Ann",
    approved: str = "1",
    kind: str = "comment",
    gmt: str = "2019-03-04 01:02:03",
    local: str = "2019-03-04 02:02:03",
) -> str:
    """Give one `<wp:comment>`."""
    return (
        f"<wp:comment><wp:comment_id>{ref}</wp:comment_id><wp:comment_author><![CDATA[{name}]]></wp:comment_author>"
        f"<wp:comment_author_email>ann@example.com</wp:comment_author_email>"
        f"<wp:comment_author_IP>192.0.2.5</wp:comment_author_IP><wp:comment_date>{local}</wp:comment_date>"
        f"<wp:comment_date_gmt>{gmt}</wp:comment_date_gmt><wp:comment_content><![CDATA[{content}]]></wp:comment_content>"
        f"<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>\n"
    )


def wordpress_item(
    ref: str, *comments: str, status: str = "publish", link: str | None = None, closed: bool = False
) -> str:
    """Give one `<item>` with its comments."""
    link = f"{HOST}/a/{ref}" if link is None else link
    may_comment = "closed" if closed else "open"
    return (
        f"<item><title>Article {ref}</title><link>{escape(link)}</link><wp:post_id>{ref}</wp:post_id>"
        f"<wp:post_date_gmt>2015-01-01 00:00:00</wp:post_date_gmt><wp:comment_status>{may_comment}</wp:comment_status>"
        f"<wp:status>{status}</wp:status><wp:post_type>post</wp:post_type>{''.join(comments)}</item>\n"
    )


def wordpress(*items: str, blog: str = HOST) -> str:
    """Give a whole WordPress export of these items."""
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n'
        f"<title>The Paper</title><link>{blog}</link><wp:wxr_version>1.2</wp:wxr_version>"
        f"<wp:base_blog_url>{blog}</wp:base_blog_url>\n{''.join(items)}</channel>\n</rss>\n"
    )


def write_large_disqus(path: Path, *, comments: int, threads: int) -> None:
    """Write an export of any size: articles every two hours, four in ten comments a reply, one in ten with a link."""
    chance = random.Random(comments)
    with path.open("w", encoding="utf-8") as file:
        file.write(DISQUS_BEGIN)
        file.writelines(disqus_thread(f"t{n}") for n in range(threads))
        for n in range(comments):
            thread = min(n * threads // comments, threads - 1)
            file.write(_large_post(n, thread, first=-(-thread * comments // threads), chance=chance))
        file.write(DISQUS_END)


def _large_post(n: int, thread: int, *, first: int, chance: random.Random) -> str:
    nth = n - first
    parent = str(n - chance.randint(1, min(5, nth))) if nth and chance.random() < 0.4 else ""
    text = " ".join(chance.choices(_WORDS, k=chance.randint(5, 60)))
    more = '<p>See <a href="https://example.org/x" rel="nofollow">this</a>.</p>' if n % 10 == 0 else ""
    at = (_BEGIN + timedelta(hours=2 * thread, minutes=3 * nth)).isoformat() + "Z"
    return disqus_post(
        str(n), thread=f"t{thread}", parent=parent, message=f"<p>{text}</p>{more}", name=f"Reader {n % 997}", at=at
    )
