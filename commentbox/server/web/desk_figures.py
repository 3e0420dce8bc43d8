"""The desk's figures: a page, and the same as CSV and JSON. For whoever sees the desk; reads only."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.base import clock
from commentbox.server.base.errors import NotFound
from commentbox.server.evidence import classifiers, tables
from commentbox.server.evidence.classifiers import Report
from commentbox.server.evidence.figures import Figures, Span, figures
from commentbox.server.gate.forms import Fields, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.presenters.classifiers import models_view
from commentbox.server.presenters.figures import figures_view
from commentbox.server.web.desk import Desk, desk_of, for_staff
from commentbox.server.web.desk import page as show_page

PERIODS = ("13w", "4w", "year")


@for_staff
async def page(request: Request) -> Response:
    """Show the figures of a site, or of all sites that are the moderator's."""
    fields = query_of(request)
    desk = await desk_of(request, fields)
    found = await _count(request, desk, fields)
    models = await _reports(request)
    asked = {"period": fields.choice("period", PERIODS), "site": desk.where.site, "sites": desk.sites}
    views: dict[str, Any] = {"figures": lambda: figures_view(found), "models": lambda: models_view(models)}
    return await show_page(request, desk, "figures.html", name="figures", asked=asked, **views)


async def as_csv(request: Request) -> Response:
    """Give the figures as a table."""
    fields = query_of(request)
    found = await _count(request, await desk_of(request, fields), fields)
    headers = {"content-disposition": 'attachment; filename="figures.csv"'}
    return Response(tables.as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


async def as_json(request: Request) -> Response:
    """Give the figures for programs."""
    fields = query_of(request)
    models = {name: classifiers.as_json(each) for name, each in (await _reports(request)).items() if each}
    found = await _count(request, await desk_of(request, fields), fields)
    return JSONResponse(tables.as_json(found) | {"classifiers": models})


async def _reports(request: Request) -> dict[str, Report | None]:
    """Give the last report of every model that helps here; they lie beside the models."""
    files = instance_of(request).help.models
    return {name: await asyncio.to_thread(classifiers.kept, file) for name, file in files.items()}


async def _count(request: Request, desk: Desk, fields: Fields) -> Figures:
    ids = frozenset(site.id for site in desk.sites if desk.where.site in ("", site.slug))
    if not ids:
        raise NotFound("site.unknown", site=desk.where.site)
    since, until = _period(fields.choice("period", PERIODS), clock.now())
    async with instance_of(request).db.read(heavy=True) as query:
        return await figures(query, Span(ids, since, until))


def _period(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Give a period that ends with today."""
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if name == "year":
        return datetime(now.year, 1, 1, tzinfo=UTC), tomorrow
    return tomorrow - timedelta(weeks=int(name.removesuffix("w"))), tomorrow


routes = [
    Route("/desk/figures", page, methods=["GET"]),
    Route("/desk/figures.csv", as_csv, methods=["GET"]),
    Route("/desk/figures.json", as_json, methods=["GET"]),
]
