"""The screening rules of a site at the desk: whoever sits there reads them with their history, admins work on a draft, try it
on the last comments, switch it on, and set an earlier version again. Every button is a plain form.
"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.queries import names_of
from commentbox.server.accounts.rules import may
from commentbox.server.base import i18n
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of, wants_json
from commentbox.server.gate.viewer import require
from commentbox.server.moderation import dry_runs, seats
from commentbox.server.presenters.desk_dry_run import dry_run_view
from commentbox.server.presenters.desk_screening import Kept, label_of, screening_view
from commentbox.server.screening.languages import KNOWN
from commentbox.server.screening.words import EFFECTS
from commentbox.server.sites import screening_drafts, screening_rules
from commentbox.server.sites.rules import SCREENING, Policy
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.windows import see_other

LINES = ("blocked_domains",)
YES = ("hold_unverified",)
LIST_FIELDS = ("was", "name", "effect", "for", "entries")
Act = Callable[[Work, Any, Fields], Any]


@for_staff
async def rules_page(request: Request) -> Response:
    """Show the rules of a site with every version; without one named, of the first."""
    return await _show(request, await desk_of(request, query_of(request)))


@for_staff
async def draft_page(request: Request) -> Response:
    """Show the form for a draft, filled with it, or with what holds where there is none."""
    desk = await desk_of(request, query_of(request))
    require(desk.viewer, "desk.admin", (await _site(request, desk)).id)
    return await _show(request, desk, edits=True)


async def _show(
    request: Request, desk: Desk, *, edits: bool = False, problem: Refusal | None = None, typed: Fields | None = None
) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    site = await _site(request, desk)
    async with instance_of(request).db.read() as query:
        history = await screening_rules.history(query, site.id)
        draft = await screening_drafts.draft_of(query, site.id)
        now, then = await screening_drafts.drafted(query, site.id)
        names = await names_of(query, {row.account_id for row in history if row.account_id})
        run = await dry_runs.latest_of(query, site.id)
    may_edit = may(desk.viewer.grants, "desk.admin", site.id)
    kept = Kept(site, history, names, draft, then)
    return await page(
        request,
        desk,
        "screening_draft.html" if edits else "screening.html",
        name="screening",
        status=problem.status if problem else 200,
        rules=lambda: screening_view(kept, may_edit=may_edit, edits=edits),
        run=lambda: (
            dry_run_view(run, {}, fits=_fits(run, now, then)) if run is not None and draft is not None else None
        ),
        sites=desk.sites,
        problem=_sentence(request, problem) if problem else None,
        typed=_typed(typed),
        saved=query_of(request).text("saved", limit=4),
    )


def _typed(form: Fields | None) -> dict[str, str]:
    """Give what was typed, so that nothing is lost where it is refused."""
    typed = {name: value for name, value in form.values.items() if isinstance(value, str)} if form else {}
    return dict.fromkeys(("act", *LIST_FIELDS), "") | typed


def _sentence(request: Request, problem: Refusal) -> str:
    """Say a refusal, with a setting's words in place of its name."""
    if (name := problem.data.get("field")) in SCREENING:
        with i18n.use(language_of(request)):
            problem.data["field"] = label_of(name)
    return sentence_of(request, problem)


async def _site(request: Request, desk: Desk) -> Any:
    slug = str(request.path_params.get("site") or desk.where.site or desk.sites[0].slug)
    async with instance_of(request).db.read() as query:
        return await seats.site_by_slug(query, desk.seat, slug)


async def change_draft(request: Request) -> Response:
    """Save figures or one word list in the draft, or throw the draft away. For admins of the site."""
    acts: dict[str, Act] = {"figures": _save_figures, "list": _save_list, "drop": _drop}
    return await _act(request, acts, "draft")


async def try_draft(request: Request) -> Response:
    """Ask for a dry run of the draft. For admins of the site."""
    return await _act(request, {"try": _try}, "draft")


async def switch(request: Request) -> Response:
    """Let the draft hold, or an earlier version again. For admins of the site."""
    return await _act(request, {"on": _switch_on, "again": _set_again}, "")


async def _act(request: Request, acts: dict[str, Act], where: str) -> Response:
    form = await form_of(request)
    desk = await desk_of(request, form)
    site = await _site(request, desk)
    require(desk.viewer, "desk.admin", site.id)
    act = acts[form.choice("act", tuple(acts))]
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            lead = await act(work, site, form)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _show(request, desk, edits=where == "draft", problem=refusal, typed=form)
    return see_other(lead)


async def _save_figures(work: Work, site: Any, form: Fields) -> str:
    await screening_drafts.save(work, site.id, _figures(form))
    return f"{_base(site)}/draft?saved=1"


async def _save_list(work: Work, site: Any, form: Fields) -> str:
    """Put a list in the draft in the place of the one it was; without entries it goes."""
    _now, draft = await screening_drafts.drafted(work.q, site.id)
    was, name = form.text("was", limit=40), form.text("name", limit=80).strip()
    entries = _lines(form.text("entries", limit=TEXT_FIELD_LENGTH))
    fields = {"name": name, "effect": form.choice("effect", EFFECTS), "lang": form.choice("for", ("", *KNOWN))}
    new = [{**fields, "entries": entries}] if entries else []
    lists = [each.model_dump(mode="json") for each in draft.word_lists]
    place = next((number for number, each in enumerate(lists) if each["name"] == was), len(lists))
    await screening_drafts.save(work, site.id, {"word_lists": [*lists[:place], *new, *lists[place + 1 :]]})
    return f"{_base(site)}/draft?saved=1#lists"


async def _drop(work: Work, site: Any, _form: Fields) -> str:
    await screening_drafts.drop(work, site.id)
    return _base(site)


async def _try(work: Work, site: Any, _form: Fields) -> str:
    return f"/desk/dry-runs/{await dry_runs.ask(work, site.id)}"


async def _switch_on(work: Work, site: Any, form: Fields) -> str:
    run = await dry_runs.latest_of(work.q, site.id)
    now, then = await screening_drafts.drafted(work.q, site.id)
    named = run.id if run is not None and run.done_at is not None and _fits(run, now, then) else None
    await screening_drafts.switch_on(work, site.id, seen=form.number("version"), dry_run_id=named)
    return f"{_base(site)}?saved=1"


async def _set_again(work: Work, site: Any, form: Fields) -> str:
    await screening_drafts.set_again(work, site.id, form.number("number"), seen=form.number("version"))
    return f"{_base(site)}?saved=1"


def _base(site: Any) -> str:
    return f"/desk/screening/{site.slug}"


def _figures(form: Fields) -> dict[str, Any]:
    """Read the figures and addresses of the form; a figure that is left out stays as it is."""
    found: dict[str, Any] = {
        name: _lines(form.text(name, limit=TEXT_FIELD_LENGTH)) for name in LINES if name in form.values
    }
    found |= {name: form.text(name, limit=5) == "1" for name in YES}
    numbers = (name for name in SCREENING if name not in (*LINES, *YES, "word_lists"))
    return found | {name: value for name in numbers if (value := form.text(name, limit=20).strip().replace(",", "."))}


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


@for_staff
async def run_page(request: Request) -> Response:
    """Show a dry run; while it runs the page looks again by itself."""
    desk = await desk_of(request, query_of(request))
    run_id = str(request.path_params["id"])
    if not looks_like_id(run_id):
        raise NotFound("case.unknown")
    async with instance_of(request).db.read() as query:
        run = await dry_runs.by_id(query, desk.seat, run_id)
        site = next(site for site in desk.sites if site.id == run.site_id)
        draft = await screening_drafts.draft_of(query, site.id)
        now, then = await screening_drafts.drafted(query, site.id)
        examples = await dry_runs.examples(query, run)
    may_edit = may(desk.viewer.grants, "desk.admin", site.id)
    return await page(
        request,
        desk,
        "screening_run.html",
        name="screening",
        run=lambda: dry_run_view(run, examples, fits=_fits(run, now, then)),
        may_switch=may_edit and draft is not None,
        slug=site.slug,
        site_name=site.name,
        version=now.screening_version,
    )


def _fits(run: Any, now: Policy, then: Policy) -> bool:
    """Say whether a dry run compared just these settings with those that hold."""
    return bool(run.based_on == now.screening_version and run.settings == screening_rules.settings_of(then))


routes = [
    Route("/desk/screening", rules_page, methods=["GET"]),
    Route("/desk/screening/{site}", rules_page, methods=["GET"]),
    Route("/desk/screening/{site}/draft", draft_page, methods=["GET"]),
    Route("/desk/screening/{site}/draft", change_draft, methods=["POST"]),
    Route("/desk/screening/{site}/try", try_draft, methods=["POST"]),
    Route("/desk/dry-runs/{id}", run_page, methods=["GET"]),
    Route("/desk/screening/{site}/switch", switch, methods=["POST"]),
]
