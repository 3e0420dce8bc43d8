"""What the desk says in a few words: why a case is there, what was decided, how many people reported it."""

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.reports import SUGGESTED


def report_words(reason: str) -> str:
    """Say what a reader complains about."""
    words = {
        "attack": _("Attacks a person"),
        "contempt": _("Demeans people for what they are"),
        "private": _("Gives away private data"),
        "advert": _("Advertising"),
        "illegal": _("Illegal content"),
        "off_topic": _("Nothing to do with the article"),
        SUGGESTED: suggested_words(),
    }
    return words.get(reason, _("Something else"))


def hold_words(rule: str | None) -> str:
    """Say why a comment is held, in a few words; a rule without words of its own is named as it is."""
    words = hold_rules()
    return words.get(rule or "", (rule or "").replace("_", " ") or _("Held for review"))


def hold_rules() -> dict[str, str]:
    """Give the rules that hold comments, each with its words."""
    return {
        "guest": _("Written by a guest"),
        "words": _("A word on the paper’s list"),
        "domain": _("A link to a blocked address"),
        "links": _("Many links"),
        "refusals": _("Many of the author’s last comments were refused"),
        "first": _("One of the author’s first comments"),
        "unverified": _("By an unverified person"),
        "held_first": _("The author’s comments are held for review"),
        "outside": _("A checking service asks for a look"),
        "spam": _("A filter takes it for advertising"),
        "unanswered": _("The checking service did not answer"),
        "score": _("A classifier’s score is high"),
        "imported": _("Came from the old system as waiting"),
    }


def suggested_words() -> str:
    """Say that no person asked for a look."""
    return _("Automation suggests a look")


def decided_words(action: str, was: str) -> str:
    """Say what was decided about a comment, in a word."""
    words = {
        "approve": _("Published.") if was == "held" else _("Left as it was."),
        "remove": _("Refused.") if was == "held" else _("Removed."),
        "restore": _("Restored."),
        "uphold": _("Appeal upheld, restored."),
        "reject": _("Appeal not upheld."),
        "undo": _("Took the last decision back."),
    }
    return words.get(action, action)


def reported_words(number: int) -> str:
    """Say by how many people something was reported."""
    if number == 1:
        return _("Reported once")
    if number == 2:
        return _("Reported twice")
    return _("Reported %(number)s times", number=i18n.number_text(number)) if number else _("Not reported")
