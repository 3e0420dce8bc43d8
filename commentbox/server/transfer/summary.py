"""Says in plain English, for the person at the command line, what an import did or why it was refused."""

from collections.abc import Mapping

from commentbox.server.base.errors import Refusal
from commentbox.server.transfer.canonical import Report

_REASONS = {
    "already_imported": "imported by an earlier run",
    "action_log": "a plug-in's note, not a reader's comment",
    "bad_address": "an address no browser could open",
    "deleted": "deleted in the old system",
    "duplicate": "the same comment twice in the file",
    "no_address": "no address in the file",
    "no_comments": "nothing to bring over",
    "no_date": "no date, and no neighbour to lend one",
    "not_published": "not published (draft, private, trash)",
    "pingback": "a pingback, not a reader's comment",
    "post-trashed": "its article was in the trash",
    "same_article": "has the address of another article; its comments went there",
    "spam": "marked as spam",
    "thread_bad_address": "its article has an address no browser could open",
    "thread_deleted": "its article was deleted",
    "thread_missing": "its article is not in the file",
    "thread_no_address": "its article has no address",
    "thread_not_published": "its article is not public",
    "too_long": "longer than a million characters",
    "trackback": "a trackback, not a reader's comment",
    "trash": "in the trash",
}

_NOTES = {
    "circles_cut": "replies that answered each other in a circle; the first now stands at the top",
    "control_characters_dropped": "characters that XML forbids, left out",
    "dates_guessed": "comments without a usable date, dated by their neighbours",
    "ids_used_twice": "different comments under one id; both were kept",
    "parents_in_another_article": "replies to a comment of another article, now at the top of their own",
    "parents_missing": "replies to a comment that is not in the file, now at the top",
    "replies_lifted": "replies deeper than a thousand levels, hung one level higher",
    "self_parents": "replies to themselves, now at the top",
    "text_before_the_document_dropped": "text before the document began, left out",
    "xml_mended": "places where the XML was broken and could be mended without guessing",
}

_REFUSALS = {
    "import.another_running": "Another import wrote the same comments at the same time. Run this one again: it continues.",
    "import.archive": "{file} holds {files} files; an archive must hold exactly one. Unpack it and import one after the other.",
    "import.bomb": "{file} unpacks to far more than any export holds.",
    "import.doctype": "Line {line}: a DOCTYPE. Exports have none, and it could make us read other files.",
    "import.empty": "{file} is empty.",
    "import.format_unknown": "No format is called {format}. We read: {known}.",
    "import.map_host": "--map-host wants OLD=NEW with two host names, not {given}.",
    "import.not_well_formed": "Line {line}, column {column}: {reason}. The file is damaged there; export it again.",
    "import.too_deep": "Line {line}: elements nested deeper than in any export.",
    "import.unreadable": "{file} cannot be read: {reason}.",
    "import.wrong_format": "This is not a {format} export: it begins with <{root}>.",
    "site.unknown": "There is no site {site}. `commentbox site create` makes one.",
}
# What the parser says of a file that was cut off; people rarely know what "no element found" means.
_CUT_OFF = ("no element found", "unclosed token", "unclosed CDATA section")


def summary(report: Report) -> str:
    """Give the report as lines of text."""
    did = "would be imported" if report.dry_run else "imported"
    threads = f"Articles: {report.threads_total:,} in the file, {report.threads_imported:,} {did}."
    comments = f"Comments: {report.comments_total:,} in the file, {report.comments_imported:,} {did}"
    lines = [
        threads,
        *_counted(report.threads_skipped, _REASONS),
        f"{comments}, {report.comments_held:,} held for review.",
        *_counted(report.comments_skipped, _REASONS),
    ]
    if report.notes:
        lines += ["Mended on the way:", *_counted(report.notes, _NOTES)]
    return "\n".join(lines + _foreign(report))


def _counted(counts: Mapping[str, int], words: Mapping[str, str]) -> list[str]:
    return [
        f"  {count:>9,}  {words.get(code, code)}" for code, count in sorted(counts.items(), key=lambda each: -each[1])
    ]


def _foreign(report: Report) -> list[str]:
    """Name the hosts where nobody will see the comments, with what to type about it."""
    if not report.foreign_hosts:
        return []
    lines = ["These articles are on hosts that are not the site's own, so no page shows their comments yet:"]
    lines += [f"  {count:>9,}  {host}" for host, count in report.foreign_hosts.most_common()]
    lines += ["If the articles have moved, run this again and say where to (what is here already moves along):"]
    return lines + [f"  --map-host {host}=NEW.HOST" for host, _ in report.foreign_hosts.most_common()]


def explain(refusal: Refusal) -> str:
    """Give a refusal as a sentence. Nothing was written when one is raised, but by `import.another_running`."""
    sentence = _REFUSALS.get(refusal.code)
    if sentence is None:
        return str(refusal)
    data = {key: ", ".join(value) if isinstance(value, list) else value for key, value in refusal.data.items()}
    if data.get("reason", "").startswith(_CUT_OFF):
        data["reason"] = f"the file ends too early ({data['reason']})"
    return sentence.format(**data)
