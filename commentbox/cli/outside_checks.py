"""What `commentbox doctor` looks at of outside help: its file, each helper, and what sites ask for."""

from commentbox.cli.checks import Finding, risky, wrong
from commentbox.server.base.db import Query
from commentbox.server.base.settings import Settings
from commentbox.server.screening.classifiers import loading
from commentbox.server.screening.classifiers.port import Classifier, NoAnswer
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy

WORDS = {
    "slow": ("does not answer in time.", "Look whether the service is up, or give it longer: seconds = …, 3 at most."),
    "unreachable": ("cannot be reached.", "Look at its address, and whether this machine may go there."),
    "status": ("answers with an error.", "Look at the service's own log."),
    "refused": ("refuses the key.", "Look at its key or secret; the service must have the same one."),
    "form": ("answers something that is no answer.", "docs/outside-help.md has the form of questions and answers."),
    "private_address": ("is at an inner address.", "If that is meant, say may_be_private = true."),
    "model": ("has no model that can be read.", "commentbox classifier train … --model FILE"),
}
"""What is wrong, and what to do; why it matters is the same each time."""


async def outside_help(query: Query, settings: Settings) -> list[Finding]:
    """Look at every helper, without sending any text."""
    try:
        known = loading.load(settings)
    except ValueError as error:
        return [wrong("Outside help cannot be read.", why=str(error), do="docs/outside-help.md shows the form.")]
    faults = {name: await _fault(each) for name, each in known.items()}
    found = [_silent(name, reason) for name, reason in faults.items() if reason]
    for site in await sites.every(query):
        policy = Policy.model_validate(site.policy)
        found += [_unknown(site.slug, name) for name in policy.outside_help if name not in known]
        found += _idle(site.slug, policy)
    return found


async def _fault(helper: Classifier) -> str:
    try:
        await helper.check()
    except NoAnswer as silence:
        return silence.reason
    finally:
        await helper.close()
    return ""


def _silent(name: str, reason: str) -> Finding:
    what, do = WORDS.get(reason, WORDS["unreachable"])
    return wrong(
        f"The helper {name} {what}",
        why="Sites that ask it publish unasked, or hold everything, as their outside_help_fails says.",
        do=do,
    )


def _unknown(slug: str, name: str) -> Finding:
    return wrong(
        f"The site {slug} asks the helper {name!r}, and there is none of that name.",
        why="It counts as a helper that does not answer.",
        do=f"Add it to the file of COMMENTBOX_CLASSIFIERS, or:  commentbox site policy {slug} 'outside_help=[]'",
    )


def _idle(slug: str, policy: Policy) -> list[Finding]:
    if not policy.outside_help or policy.hold_score_above < 1:
        return []
    return [
        risky(
            f"The site {slug} asks outside help and holds nothing for its score.",
            why="hold_score_above is 1, so only a helper that asks for a hold has an effect.",
            do=f"If a score is to count:  commentbox site policy {slug} hold_score_above=0.8",
        )
    ]
