"""The paper's own server says which articles are its own: with a key of the site, in a form, as often as it likes."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server import threads
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.sites import actions as sites
from commentbox.server.sites import keys
from commentbox.server.threads import ARTICLE_ID_LENGTH, SECTION_LENGTH, URL_LENGTH, ArticleRef

TITLE = 300


async def register(request: Request) -> Response:
    """Open an article's thread, or bring its title, address and section up to date. Refuses `key.refused`, `article.…`."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    async with instance_of(request).db.read() as query:
        site_id = await keys.site_of(query, token)
    form = await form_of(request)
    ref = ArticleRef(form.optional("article_id", limit=ARTICLE_ID_LENGTH), form.needed("url", limit=URL_LENGTH))
    title, section = form.text("title", limit=TITLE), form.text("section", limit=SECTION_LENGTH)
    async with begin(instance_of(request).db) as work:
        await sites.check_own_host(work.q, site_id, str(ref.url))
        thread_id = await threads.register(work, site_id, ref, title=title, source="api", section=section)
    instance_of(request).cache.touch(thread_id)
    return JSONResponse({"thread": thread_id})


routes = [Route("/api/v1/articles", register, methods=["POST"])]
