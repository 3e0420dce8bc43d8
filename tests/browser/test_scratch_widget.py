import sys; sys.path.insert(0,"/tmp")
import fake, asyncio, json
from playwright.async_api import Page
LONG = "<article>" + "<p>news paragraph</p>"*200 + "</article>"
TAG = '<script src="{c}/loader.js" data-site=gazette async></script>'
LISTEN = "<script>window.heard=[];for(const n of ['ready','count','posted','verified'])addEventListener('commentbox:'+n,e=>heard.push([n,e.detail,e.target.id]))</script>"
def watch(page):
    page.on("console", lambda m: print("CONSOLE", m.type, m.text))
    page.on("pageerror", lambda m: print("ERROR", m))
async def setup(page, serve, body, **kw):
    watch(page); page.context.on("page", watch)
    app, state = fake.make()
    c = await serve(app, "comments.localhost"); n = await serve(fake.paper(c, body, **kw), "news.localhost")
    return c, n, state
async def test_lazy(page: Page, serve):
    c,n,state = await setup(page, serve, LISTEN+LONG+TAG)
    reqs=[]; page.on("request", lambda r: reqs.append(r.url))
    await page.goto(n+"/a"); await asyncio.sleep(.5)
    print([r for r in reqs if c in r]); assert len([r for r in reqs if c in r])==1
    print(await page.locator("div > a").get_attribute("href"))
    await page.evaluate("scrollTo(0, document.body.scrollHeight)"); 
    f = page.frame_locator("iframe"); await f.locator("h1").wait_for(); await f.locator("textarea").first.wait_for()
    await asyncio.sleep(.5)
    print(await page.locator("iframe").evaluate("e=>[e.offsetHeight, e.title, e.allow, e.src]"), await page.frames[1].evaluate("document.documentElement.scrollHeight"))
    print(await page.evaluate("heard"), await page.locator("div > a").count())
    fr = page.frames[1]
    print(await fr.evaluate("[...document.querySelectorAll('.cb-time time')].slice(0,3).map(t=>[t.textContent,t.title])"), await fr.evaluate("[document.documentElement.dataset.viewer, document.querySelector('#c-id2 button').ariaPressed]"))
    await f.get_by_label("verified").check(); await asyncio.sleep(.7)
    print(await f.locator("article").count(), await fr.evaluate("document.activeElement.value"), await page.locator("iframe").evaluate("e=>e.offsetHeight"), await fr.evaluate("JSON.stringify(localStorage)"))
    await page.reload(); await page.evaluate("scrollTo(0, document.body.scrollHeight)"); await f.locator("h1").wait_for(); await asyncio.sleep(.5)
    print(await f.locator("article").count(), page.frames[1].url, state["log"][-2:])
    await page.evaluate("location.hash='cb-comment-id35'"); await asyncio.sleep(1)
    print(await f.locator("article").count(), await page.evaluate("scrollY"), await page.locator("iframe").evaluate("e=>e.getBoundingClientRect().top"), await page.frames[1].evaluate("document.querySelector(':target')?.getBoundingClientRect().top"))
    await page.goto("about:blank"); await page.goto(n+"/a#cb-comment-id35"); await asyncio.sleep(1.5)
    print(page.frames[1].url, await page.locator("iframe").evaluate("e=>e.getBoundingClientRect().top"), await page.frames[1].evaluate("document.querySelector('#c-id35')?.getBoundingClientRect().top"))
async def test_drafts_and_post(page, serve):
    c,n,state = await setup(page, serve, LISTEN+TAG)
    await page.goto(n+"/a"); f = page.frame_locator("iframe")
    t = f.locator("#cb-viewer textarea"); await t.fill("Hello fail"); await page.reload(); await t.wait_for(); await asyncio.sleep(.3)
    assert await t.input_value()=="Hello fail"
    async with page.expect_popup() as p: await f.locator("#cb-viewer button").click()
    pop = await p.value; print(pop.url)
    await pop.get_by_role("button").click(); await pop.wait_for_event("close"); await f.get_by_role("button", name="Post", exact=True).wait_for(); await asyncio.sleep(.3)
    print(state["log"][-1], await t.input_value(), await page.frames[1].evaluate("document.documentElement.dataset.viewer"))
    await f.locator("#cb-viewer button").dblclick(); await f.locator(".err").wait_for()
    print(state["posts"], await t.input_value())
    await f.locator("#cb-viewer button").click(); await asyncio.sleep(.6); await t.fill("Hello"); await f.locator("#cb-viewer button").click(); await f.locator(".ok").wait_for()
    print(state["posts"], repr(await t.input_value()), await page.evaluate("heard"), await page.frames[1].evaluate("JSON.stringify(localStorage)"))
    await f.locator("[data-reply=id3]").click(); r = f.locator("li > form textarea"); await r.fill("a reply"); 
    print(await f.locator("#c-id3 [data-edit]").get_attribute("href"))
    await f.locator("[data-reply=id3]").click(); print(await f.locator("li > form").count())
    await f.locator("li > form button").click(); await asyncio.sleep(.7); print(state["posts"][-1])
async def test_coop(page, serve):
    c,n,state = await setup(page, serve, LISTEN+TAG)
    await page.goto(n+"/a?coop=1"); f = page.frame_locator("iframe")
    async with page.context.expect_page() as p: await f.locator("#cb-viewer button").click()
    pop = await p.value; await pop.get_by_role("button").click()
    print(await pop.evaluate("window.opener"), await pop.locator("#cb-characters").is_visible())
    ch = await f.locator("#cb-handover output").inner_text(); print(ch)
    await pop.locator("input").fill(ch); await pop.get_by_role("button").click()
    await f.get_by_role("button", name="Post", exact=True).wait_for(); print(await f.locator("#cb-handover").is_visible())
async def test_refused(page, serve):
    c,n,state = await setup(page, serve, TAG)
    n2 = n.replace("news.","evil.")
    await page.goto(n2+"/a"); await page.locator("small").wait_for(); print(await page.locator("div").inner_text())
    await page.evaluate("commentbox.unmount(document.querySelector('div'))"); print(await page.evaluate("document.querySelector('div').outerHTML"))
