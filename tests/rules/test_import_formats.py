"""Reading export files: what they hold, what is mended, what is refused and how. No database."""

import gzip
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commentbox.server.base.errors import Invalid
from commentbox.server.transfer.addresses import Addresses, parse_map_host
from commentbox.server.transfer.canonical import Article, Record, Report
from commentbox.server.transfer.formats import READERS
from commentbox.server.transfer.formats.dates import moment
from commentbox.server.transfer.formats.names import shown_name
from commentbox.server.transfer.mending import Mender
from commentbox.server.transfer.source import Source
from commentbox.server.transfer.summary import explain, summary
from commentbox.server.transfer.xml_scan import NotWellFormed
from tests import exports


def read(file: Path, format: str = "disqus", *, mend: bool = False) -> tuple[list[Article], list[Record], Counter[str]]:
    notes: Counter[str] = Counter()
    found = list(READERS[format](Source(file), notes=notes, mend=mend))
    articles = [each for each in found if isinstance(each, Article)]
    return articles, [each for each in found if isinstance(each, Record)], notes


def saved(folder: Path, text: str | bytes, name: str = "export.xml") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def refusal(file: Path, format: str = "disqus", *, mend: bool = False) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(file, format, mend=mend)
    return caught.value


# Every file of the shared data


STATUS = {"published": "visible", "held": "pending"}
WHOLE = (
    "disqus/comentario-disqus-ok-single.xml.gz",
    "disqus/constructed-edges.xml",
    "disqus/isso-disqus.xml",
    "disqus/real-shape-half1.xml",
    "wordpress/comentario-wordpress-ok-long.zip",
    "wordpress/isso-wordpress.xml",
    "wordpress/themeunittestdata.wordpress.xml",
    "wordpress/wp-importer-e2e-comprehensive.xml",
    "wordpress/wp-importer-multiple-cdata.xml",
    "wordpress/wp-importer-slashes.xml",
    "wordpress/wp-importer-small-export.xml",
    "wordpress/wp-importer-valid-wxr-1.0.xml",
    "wordpress/wp6-export-A.xml",
)


@pytest.mark.shared
@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("mend", [False, True])
def test_every_record_of_a_sound_file_is_read_with_or_without_mending(shared: Path, name: str, mend: bool) -> None:
    expected = json.loads((shared / "data/EXPECTED.json").read_text("utf-8"))[f"formats/{name}"]
    articles, records, notes = read(shared / "data/formats" / name, name.split("/")[0], mend=mend)
    assert (len(articles), len(records)) == (expected["threads"], expected["comments"])
    assert sum(not each.name for each in records) == expected["no_name"]
    assert notes["xml_mended"] == 0
    kept = Counter(STATUS[each.state] for each in records if each.state in STATUS)
    assert kept["visible"] == expected.get("visible_reader_comments", expected["by_status"].get("visible", 0))
    assert kept["pending"] == expected["by_status"].get("pending", 0)


@pytest.mark.shared
def test_the_deliberately_broken_disqus_file_is_recovered_whole(shared: Path) -> None:
    file = shared / "data/formats/disqus/remark42-disqus.xml"
    assert refusal(file).data["line"] == 147
    articles, records, notes = read(file, mend=True)
    assert (len(articles), len(records)) == (2, 6)
    assert Counter(each.reason for each in records) == {"": 5, "spam": 1}
    assert notes == {"xml_mended": 1, "text_before_the_document_dropped": 1}
    assert {each.article_ref for each in records} == {"247918464", "247937687"}


@pytest.mark.shared
def test_nested_cdata_is_recovered_whole(shared: Path) -> None:
    file = shared / "data/formats/wordpress/wp-importer-crazy-cdata.xml"
    assert refusal(file, "wordpress").data["line"] == 18
    articles, records, _ = read(file, "wordpress", mend=True)
    assert [each.title for each in articles] == ["Hello world!"]
    assert records == []


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("disqus/comentario-disqus-bad-format.xml.gz", 2, "no element found"),
        ("wordpress/wp-importer-malformed.xml", 90, "mismatched tag"),
    ],
)
@pytest.mark.parametrize("mend", [False, True])
def test_a_damaged_file_is_refused_with_line_and_reason(
    shared: Path, name: str, line: int, reason: str, mend: bool
) -> None:
    refused = refusal(shared / "data/formats" / name, name.split("/")[0], mend=mend)
    assert refused.code == "import.not_well_formed"
    assert (refused.data["line"], refused.data["reason"]) == (line, reason)
    assert f"Line {line}" in explain(refused)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "files"), [("no", 0), ("two", 2)])
def test_an_archive_without_exactly_one_file_is_refused(shared: Path, name: str, files: int) -> None:
    refused = refusal(shared / f"data/formats/wordpress/comentario-wordpress-bad-{name}-files.zip", "wordpress")
    assert (refused.code, refused.data["files"]) == ("import.archive", files)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["dtd", "external", "external_file", "xmlbomb"])
@pytest.mark.parametrize("mend", [False, True])
@pytest.mark.parametrize("format", READERS)
def test_a_doctype_is_refused_and_with_it_every_bomb(shared: Path, name: str, mend: bool, format: str) -> None:
    assert refusal(shared / f"data/adversarial/xml/{name}.xml", format, mend=mend).code == "import.doctype"


@pytest.mark.shared
@pytest.mark.parametrize("format", READERS)
def test_xml_of_another_kind_is_refused_instead_of_importing_nothing(shared: Path, format: str) -> None:
    assert refusal(shared / "data/adversarial/xml/simple.xml", format).code == "import.wrong_format"


# Files of our own


def test_a_feed_that_is_no_wordpress_export_is_refused(tmp_path: Path) -> None:
    feed = saved(tmp_path, "<rss><channel><item><title>A</title><link>https://a.example/</link></item></channel></rss>")
    assert refusal(feed, "wordpress").code == "import.wrong_format"


def test_exports_of_one_system_are_refused_by_the_others_reader(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, exports.disqus()), "wordpress").code == "import.wrong_format"
    assert refusal(saved(tmp_path, exports.wordpress()), "disqus").code == "import.wrong_format"


@pytest.mark.parametrize(
    "head", ["\ufeff", "\n\n  ", "<br />\n<b>Warning</b>: Undefined index in plugin.php on line 3\n"]
)
def test_what_stands_before_the_document_does_no_harm(tmp_path: Path, head: str) -> None:
    text = exports.disqus(exports.disqus_thread("t"), exports.disqus_post("1"))
    _, records, _ = read(saved(tmp_path, head + text))
    assert len(records) == 1


def test_lines_are_counted_as_an_editor_counts_them_even_after_a_dropped_head(tmp_path: Path) -> None:
    text = "\n\n" + exports.disqus(exports.disqus_thread("t")).replace("</thread>", "</threat>")
    refused = refusal(saved(tmp_path, text), mend=True)
    assert refused.data["line"] == text[: text.index("</threat>")].count("\n") + 1


def test_characters_that_xml_forbids_are_dropped_and_counted(tmp_path: Path) -> None:
    post = exports.disqus_post("1", message="a\x08b\x1bc \x0bd")
    _, (record,), notes = read(saved(tmp_path, exports.disqus(post)))
    assert record.html == "abc d"
    assert notes["control_characters_dropped"] == 3


def test_bytes_that_are_not_utf_8_are_read_as_the_old_windows_code_page(tmp_path: Path) -> None:
    text = (
        exports.disqus(exports.disqus_post("1", message="caf\u00e9 QQ")).encode().replace(b"QQ", b"na\xefve \x93x\x94")
    )
    file = saved(tmp_path, text)
    assert isinstance(refusal(file), NotWellFormed)
    _, (record,), _ = read(file, mend=True)
    assert record.html == "café naïve “x”"


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
def test_other_encodings_are_read_as_they_declare_themselves(tmp_path: Path, encoding: str) -> None:
    text = exports.disqus(exports.disqus_post("1", message="Drölfter")).replace("utf-8", encoding)
    _, (record,), _ = read(saved(tmp_path, text.encode(encoding)))
    assert record.html == "Drölfter"


def test_an_encoding_nobody_knows_is_refused(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, exports.disqus().replace("utf-8", "rot13"))).code == "import.not_well_formed"


@pytest.mark.parametrize(
    ("broken", "meant"),
    [
        ("Fish & chips &nbsp; &eacute; &amp; &#8217;", "Fish & chips \xa0 é & ’"),
        ("1 < 2 and 3 <4", "1 < 2 and 3 <4"),
        ("an end ]]> of nothing", "an end ]]> of nothing"),
        ("bell &#7; and &#x1b; and &#0;", "bell  and  and "),
    ],
)
def test_broken_text_is_mended_where_there_is_one_way_to_read_it(tmp_path: Path, broken: str, meant: str) -> None:
    text = exports.disqus(exports.disqus_post("1").replace("<![CDATA[<p>Well said.</p>]]>", broken))
    file = saved(tmp_path, text)
    assert isinstance(refusal(file), NotWellFormed)
    _, (record,), notes = read(file, mend=True)
    assert record.html == meant.strip()
    assert notes["xml_mended"] > 0


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_mending_does_not_depend_on_where_the_pieces_are_cut(size: int) -> None:
    whole = exports.disqus(exports.disqus_post("1", message="a ]] > b <i>c</i>")) + "<!-- - -- > -->"
    broken = whole.replace('dsq:id="1"', "dsq:id=1").replace("Ann", "Ann & Bob &nbsp; ]]>")
    mended = whole.replace("Ann", "Ann &amp; Bob \xa0 ]]&gt;")
    mender = Mender(Counter())
    pieces = [mender.feed(broken[at : at + size]) for at in range(0, len(broken), size)]
    assert "".join(pieces) + mender.close() == mended


def test_a_file_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    text = exports.disqus(exports.disqus_thread("t"), exports.disqus_post("1"))
    for length in (len(text) - 2, len(text) // 2):
        assert "ends too early" in explain(refusal(saved(tmp_path, text[:length]), mend=True))


def test_a_packed_file_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(exports.disqus(exports.disqus_thread("t"), exports.disqus_post("1")).encode())
    assert refusal(saved(tmp_path, packed[:-20], "x.xml.gz")).code == "import.unreadable"


def test_an_archive_with_one_file_and_its_makers_litter_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", "")
        archive.writestr("folder/export.xml", exports.disqus(exports.disqus_post("1")))
        archive.writestr("__MACOSX/folder/._export.xml", b"\0\5")
    assert len(read(file)[1]) == 1


@pytest.mark.parametrize(("text", "code"), [(b"", "import.empty"), (b"PK\x03\x04nonsense", "import.unreadable")])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: bytes, code: str) -> None:
    assert refusal(saved(tmp_path, text)).code == code
    assert refusal(saved(tmp_path, b"just words")).code == "import.not_well_formed"
    assert refusal(tmp_path / "missing.xml").code == "import.unreadable"


def test_elements_nested_without_end_are_refused(tmp_path: Path) -> None:
    deep = exports.DISQUS_BEGIN + "<a>" * 100_000
    assert refusal(saved(tmp_path, deep), mend=True).code == "import.too_deep"


def test_a_text_longer_than_any_comment_costs_only_its_own_comment(tmp_path: Path) -> None:
    posts = exports.disqus_post("1", message="x" * 1_000_001) + exports.disqus_post("2", message="y" * 1_000_000)
    _, records, _ = read(saved(tmp_path, exports.disqus(posts)))
    assert [(each.state, each.reason) for each in records] == [("skipped", "too_long"), ("published", "")]


def test_markup_written_into_the_xml_loses_its_tags_and_keeps_its_words(tmp_path: Path) -> None:
    post = exports.disqus_post("1").replace("<![CDATA[<p>Well said.</p>]]>", "<p>Well <b>said</b>.</p>")
    _, (record,), _ = read(saved(tmp_path, exports.disqus(post)))
    assert record.html == "Well said."


@pytest.mark.parametrize(
    "space",
    ["http://wordpress.org/export/1.0/", "http://wordpress.org/export/1.1/", "https://wordpress.org/export/1.2/"],
)
def test_every_name_space_of_wordpress_is_known(tmp_path: Path, space: str) -> None:
    text = exports.wordpress(exports.wordpress_item("1", exports.wordpress_comment("1")))
    _, (record,), _ = read(saved(tmp_path, text.replace("http://wordpress.org/export/1.2/", space)), "wordpress")
    assert record.ref == "wordpress:paper.example:1"


def test_elements_of_other_name_spaces_are_not_taken_for_the_articles_own(tmp_path: Path) -> None:
    text = exports.wordpress(exports.wordpress_item("1")).replace(
        "</item>", "<m:title xmlns:m='urn:media'>Wrong</m:title><m:link xmlns:m='urn:media'>wrong</m:link></item>"
    )
    (article,), _, _ = read(saved(tmp_path, text), "wordpress")
    assert (article.title, article.url) == ("Article 1", "https://paper.example/a/1")


@pytest.mark.parametrize(
    ("approved", "kind", "state", "reason"),
    [
        ("1", "comment", "published", ""),
        ("1", "", "published", ""),
        ("1", "review", "published", ""),
        ("0", "", "held", ""),
        ("hold", "", "held", ""),
        ("a-plug-ins-word", "", "held", ""),
        ("", "", "held", ""),
        ("spam", "", "skipped", "spam"),
        ("trash", "", "deleted", "trash"),
        ("post-trashed", "", "deleted", "post-trashed"),
        ("1", "pingback", "skipped", "pingback"),
        ("0", "trackback", "skipped", "trackback"),
        ("1", "order_note", "skipped", "order_note"),
    ],
)
def test_wordpress_states_become_ours(tmp_path: Path, approved: str, kind: str, state: str, reason: str) -> None:
    item = exports.wordpress_item("1", exports.wordpress_comment("1", approved=approved, kind=kind))
    _, (record,), _ = read(saved(tmp_path, exports.wordpress(item)), "wordpress")
    assert (record.state, record.reason) == (state, reason)
    assert bool(record.html) == (state in ("published", "held")), "no text is carried along that is never stored"


@pytest.mark.parametrize("status", ["draft", "private", "pending", "trash", "future"])
def test_articles_that_are_not_public_do_not_become_so(tmp_path: Path, status: str) -> None:
    file = saved(tmp_path, exports.wordpress(exports.wordpress_item("1", status=status)))
    (article,), _, _ = read(file, "wordpress")
    assert article.reason == "not_published"


def test_a_null_date_is_reckoned_from_the_blogs_clock_and_the_neighbours_offset(tmp_path: Path) -> None:
    summer = exports.wordpress_comment("1", gmt="2016-07-07 12:00:00", local="2016-07-07 08:00:00")
    winter = exports.wordpress_comment("2", gmt="2016-12-07 13:00:00", local="2016-12-07 08:00:00")
    null = exports.wordpress_comment("3", gmt="0000-00-00 00:00:00", local="2007-03-04 05:06:07")
    file = saved(tmp_path, exports.wordpress(exports.wordpress_item("1", summer, winter, null)))
    _, records, notes = read(file, "wordpress")
    assert records[2].created_at == datetime(2007, 3, 4, 10, 6, 7, tzinfo=UTC)
    assert notes["dates_guessed"] == 1


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2013-10-10T19:20:29Z", datetime(2013, 10, 10, 19, 20, 29, tzinfo=UTC)),
        (" 2013-10-10 19:20:29 ", datetime(2013, 10, 10, 19, 20, 29, tzinfo=UTC)),
        ("2013-10-10T19:20:29-06:00", datetime(2013, 10, 11, 1, 20, 29, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("2011-x09-30T22:48:43Z", None),
        ("2011-02-30 00:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_none(text: str, at: datetime | None) -> None:
    assert moment(text) == at


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Conan O&#8217;Brien &amp; Sons <b>bold</b>", "Conan O’Brien & Sons bold"),
        ("  Ann \n\t Smith ", "Ann Smith"),
        ("\u202eeve\u200b\x07", "eve"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ann.smith@example.com", "ann.smith"),
        ("", ""),
        ("x" * 500, "x" * 80),
    ],
)
def test_names_are_kept_as_they_stand_but_for_what_nobody_sees_and_addresses(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_post_without_an_id_is_known_again_by_what_it_says(tmp_path: Path) -> None:
    text = exports.disqus(exports.disqus_post("").replace(' dsq:id=""', ""), exports.disqus_post("", message="Other."))
    first, second = (read(saved(tmp_path, text))[1] for _ in range(2))
    assert [each.ref for each in first] == [each.ref for each in second]
    assert first[0].ref != first[1].ref


def test_hosts_are_moved_and_ours_keep_the_scheme_of_the_site() -> None:
    where = Addresses(
        ["https://paper.example", "http://localhost:8001"], {"old.example": "paper.example", "x.example": "y.example"}
    )
    assert where("http://old.example/a/1/?utm_source=x#disqus_thread").url == "https://paper.example/a/1"  # type: ignore[union-attr]
    assert where("http://PAPER.example/a/1").url == "https://paper.example/a/1"  # type: ignore[union-attr]
    assert where("https://x.example/a").url == "https://y.example/a"  # type: ignore[union-attr]
    assert where("http://localhost:8001/a").host == "localhost:8001"  # type: ignore[union-attr]
    assert where("/a/1") is where("javascript:alert(1)") is where("https://[x/") is None
    assert [where.is_own(host) for host in ("paper.example", "y.example")] == [True, False]


@pytest.mark.parametrize("text", ["old", "=new", "old=", "a b=c", "old=new host"])
def test_a_mapping_of_hosts_that_names_no_hosts_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"import\.map_host"):
        parse_map_host(text)


def test_a_report_has_the_shape_that_other_programs_rely_on() -> None:
    report = Report(threads_total=2, threads_imported=1, comments_total=3, comments_imported=1, comments_held=1)
    report.threads_skipped["deleted"] = report.comments_skipped["spam"] = 1
    assert report.adds_up()
    assert report.as_json() == {
        "threads": {"total": 2, "imported": 1, "skipped": {"deleted": 1}},
        "comments": {"total": 3, "imported": 1, "held": 1, "skipped": {"spam": 1}},
    }
    report.foreign_hosts["old.example"] = 1
    assert "marked as spam" in summary(report)
    assert "--map-host old.example=" in summary(report)
