"""What it takes to use a route, and the routes by which admins change a site."""

from dataclasses import dataclass, field

from tests.factories import ARTICLE, PAPER
from tests.newsroom import FACTS, RULE


@dataclass(frozen=True)
class Way:
    """What it takes to use a route: who asks, the fields of form or address, and which of them must be there."""

    who: str = "nobody"
    fields: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    holder: str = ""


OF_A_SITE: dict[str, Way] = {
    "GET /desk/screening": Way("staff"),
    "GET /desk/screening/{site}": Way("staff", holder="gazette"),
    "GET /desk/screening/{site}/draft": Way("staff", holder="gazette"),
    "POST /desk/screening/{site}/draft": Way(
        "staff",
        {"act": "list", "was": "", "name": "Calm", "effect": "nudge", "for": "", "entries": "stupid*"},
        needs=("name",),
        holder="gazette",
    ),
    "POST /desk/screening/{site}/try": Way("staff", {"act": "try"}, holder="gazette"),
    "POST /desk/screening/{site}/switch": Way(
        "staff", {"act": "on", "version": "1"}, needs=("version",), holder="gazette"
    ),
    "GET /desk/dry-runs/{id}": Way("staff", holder="dry_run"),
    "GET /desk/site": Way("staff", {"site": "gazette"}),
    "POST /desk/site/{site}/setting": Way(
        "staff",
        {"name": "edit_minutes", "value": "20", "seen": "15"},
        needs=("name", "value", "seen"),
        holder="gazette",
    ),
    "POST /desk/site/{site}/origin": Way(
        "staff", {"act": "add", "origin": "https://b.example"}, needs=("origin",), holder="gazette"
    ),
    "POST /desk/site/{site}/article": Way(
        "staff", {"old": ARTICLE, "new": f"{PAPER}/moved"}, needs=("old", "new"), holder="gazette"
    ),
    "POST /desk/site/{site}/name": Way(
        "staff", {"act": "keep", "name": "Harbour Desk"}, needs=("name",), holder="gazette"
    ),
    "POST /desk/site/{site}/key": Way("staff", {"act": "make", "label": "Print"}, needs=("label",), holder="gazette"),
    "POST /desk/site/{site}/undo": Way("staff", {"change": "{change}"}, needs=("change",), holder="gazette"),
    "GET /desk/orders": Way("staff"),
    "POST /desk/orders": Way(
        "staff",
        {
            "item": "{own}",
            "authority": "Court of Quay",
            "reference": "7 O 12/26",
            "offence": "threat",
            "law": "s. 241",
            "territory": "DE",
            "why": "It threatens.",
        },
        needs=("item", "authority", "reference", "offence", "law", "why"),
    ),
    "GET /desk/webhooks": Way("staff", {"site": "gazette"}),
    "POST /desk/webhooks/{site}": Way(
        "staff",
        {"url": "https://b.example/hook", "kind": "comment.removed"},
        needs=("url", "kind"),
        holder="gazette",
    ),
    "POST /desk/webhooks/{site}/change": Way(
        "staff", {"act": "test", "hook": "{hook}"}, needs=("hook",), holder="gazette"
    ),
}
OF_PEOPLE: dict[str, Way] = {
    "GET /desk/person/{who}": Way("staff", {"queue": "held"}, holder="person"),
    "POST /desk/person/{who}/decide": Way(
        "staff",
        {
            "measure": "silence",
            "days": "7",
            "ground": RULE,
            "facts": FACTS,
            "note": "",
            "seen": "{measure_decision}",
        },
        needs=("measure", "days", "ground", "facts"),
        holder="person",
    ),
    "POST /desk/person/{who}/lift": Way("staff", {"standing": "{standing}"}, needs=("standing",), holder="person"),
    "POST /desk/person/{who}/answer": Way(
        "staff",
        {"appeal": "{measure_appeal}", "action": "uphold", "answer": "You are right."},
        needs=("appeal", "action", "answer"),
        holder="person",
    ),
    "GET /desk/person/{who}/badge": Way("governor", holder="person"),
    "POST /desk/person/{who}/badge/options": Way("governor", holder="person"),
    "POST /desk/person/{who}/badge": Way(
        "governor",
        {"credential": "{{}}", "ground": RULE, "facts": FACTS, "why": "", "seen": "{measure_decision}"},
        needs=("credential", "ground", "facts"),
        holder="person",
    ),
}
