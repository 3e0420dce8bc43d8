// Runs in the frame, and on /thread: news for the paper, times, filter and paging in place, panels. State lives on the server;
// the page works without this file. messages.js is loaded before, compose.js and door.js after. What it expects:
//   main#comments[data-total][data-verified]   the public layer, replaced whole when the reader filters, sorts or pages
//   form.cb-tools (GET: show, sort) · a[href^="/embed/thread"] · article#c-ID · .cb-time time[datetime]
//   details[name="cb-open"]                    one panel or menu at a time
//   #cb-offline[hidden]                        says that the server did not answer, that nothing was sent and nothing is lost
(() => {
  const box = globalThis.commentbox;
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);
  const SETTLED_MS = 5000; // what comes later than this moves no reader to a linked comment any more

  // The loader writes the paper's origin behind the #. A false one only means that nobody hears us.
  const hash = decodeURIComponent(location.hash.slice(1));
  const paper = /^https?:\/\/[^/]+$/.test(hash) ? hash : location.ancestorOrigins?.[0];
  const framed = parent !== window && paper;
  const tell = (name, fields) => framed && box.messages.send(parent, paper, name, fields);

  // Storage may be blocked in a frame. Then memory must do, which lasts because pages are replaced in place, and crumb.js
  // writes what it can into a cookie.
  const memory = box.kept ?? {};
  const stored = (where, act) => {
    try {
      return act(window[where]);
    } catch {
      setTimeout(() => box.spill?.());
      return act(memory);
    }
  };
  const store = (where) => ({
    get: (key) => stored(where, (all) => all[`commentbox.${key}`]),
    set: (key, value) => stored(where, (all) => (all[`commentbox.${key}`] = value)),
    drop: (key) => stored(where, (all) => delete all[`commentbox.${key}`]),
  });
  const lasting = store("localStorage");

  let height = 0;
  function measure() {
    const now = Math.ceil(root.getBoundingClientRect().height);
    if (now !== height) tell("height", { height: (height = now) });
  }

  let told = "";
  function count() {
    const { total, verified } = document.getElementById("comments")?.dataset ?? {};
    if (!total || told === `${total} ${verified}`) return;
    told = `${total} ${verified}`;
    tell("count", { total: Number(total), verified: Number(verified) });
  }

  // "3 hours ago" for a week, then the date; the whole moment always in the title.
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const lang = navigator.languages.find((each) => each.split("-")[0] === root.lang) ?? (root.lang || undefined);
  function times() {
    const ago = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
    for (const time of document.querySelectorAll(".cb-time time")) {
      const then = new Date(time.dateTime);
      const seconds = Math.max((Date.now() - then) / 1000, 0);
      const [unit, size] = UNITS.find((each) => seconds >= each[1]) ?? ["second", 60];
      const old = seconds > 7 * 86400;
      time.title = then.toLocaleString(lang, { dateStyle: "full", timeStyle: "short" });
      time.textContent = old ? then.toLocaleDateString(lang, { dateStyle: "medium" }) : ago.format(-Math.floor(seconds / size), unit);
    }
  }

  function fresh() {
    times();
    count();
    measure();
  }

  // What was swapped in is read out from a region that was there before: one that comes with its words is often not heard.
  const heard = Object.assign(document.createElement("div"), { className: "cb-vh", role: "status" });
  document.body.prepend(heard);
  function say(within) {
    const said = within.querySelector('[role="status"]:not([hidden], :empty)') ?? (within.id === "comments" && within.querySelector("#cb-counts"));
    if (said) heard.textContent = said.textContent;
  }

  // Replaces the public layer by the one at `url`: no page load, so what was typed and the session in memory stay.
  let here = location.href;
  async function visit(url) {
    const { name, value } = document.activeElement ?? {};
    here = url;
    await htmx.ajax("GET", String(url), { target: "#comments", select: "#comments", swap: "outerHTML show:none" });
    if (name) document.querySelector(`.cb-tools [name="${name}"]${value && name === "show" ? `[value="${value}"]` : ""}`)?.focus();
    fresh();
  }

  // Asks for the viewer's own layer again: somebody signed in, or something of theirs has changed.
  async function ask() {
    const viewer = document.getElementById("cb-viewer");
    const url = viewer?.getAttribute("hx-get");
    if (url) await htmx.ajax("GET", url, { target: viewer, swap: "innerHTML" });
  }

  // A choice is remembered for this reader and paper; the usual one is remembered by forgetting.
  const USUAL = { show: "everyone", sort: "newest" };
  function remember(query) {
    for (const [name, usual] of Object.entries(USUAL)) {
      const chosen = query.get(name);
      if (chosen === usual) lasting.drop(name);
      else if (chosen) lasting.set(name, chosen);
    }
  }

  let settled = asked.has("show") && !asked.has("kept"); // a link's choice, or one made here, holds for this view
  function choose(url) {
    settled = true;
    remember(url.searchParams);
    const show = url.searchParams.get("show");
    if (show && signedIn()) htmx.ajax("POST", "/embed/show", { values: { show }, swap: "none" });
    return visit(url);
  }

  // The account's choice comes with the viewer's own layer. It wins over this browser's memory; who has begun to read is
  // left in peace until the next time.
  function follow(show) {
    if (settled || !show) return;
    settled = true;
    const url = new URL(here);
    const before = url.searchParams.get("show") ?? USUAL.show;
    url.searchParams.set("show", show);
    remember(url.searchParams);
    if (before !== show && !moved) visit(url);
  }

  const signedIn = () => /^(un)?verified$/.test(root.dataset.viewer);
  let moved = false; // the reader has done something since the last jump
  function reveal(id, again) {
    const comment = document.getElementById(`c-${id}`);
    if (!comment || (again && moved)) return comment;
    moved = false;
    for (let fold = comment; (fold = fold.parentElement?.closest("details")); ) fold.open = true;
    location.replace(`#c-${id}`); // marks it, by :target
    comment.tabIndex = -1;
    comment.focus({ preventScroll: true });
    measure();
    tell("scrollto", { top: Math.round(comment.getBoundingClientRect().top + scrollY), again: again ? 1 : 0 });
    return comment;
  }

  async function goto(id) {
    if (reveal(id)) return;
    const url = new URL(here);
    url.hash = "";
    url.searchParams.delete("cursor");
    url.searchParams.set("comment", id);
    await visit(url);
    reveal(id);
  }

  function close(besides) {
    for (const panel of document.querySelectorAll('details[name="cb-open"][open]')) {
      if (besides && panel.contains(besides)) continue;
      panel.open = false;
      if (!besides) panel.querySelector("summary").focus();
    }
  }

  // Afterwards the reader is at the comment the link names, or was under, or else at the beginning.
  async function go(url, from) {
    const comment = url.searchParams.get("comment");
    const passing = comment || url.searchParams.has("cursor");
    await (passing ? visit : choose)(url);
    const led = url.searchParams.has("step") && document.querySelector(".is-focus")?.id.slice(2);
    if (!reveal(led || (comment ?? from))) tell("scrollto", { top: 0, again: 0 });
  }

  function lead(event) {
    moved = true;
    close(event.target);
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const url = new URL(link.href);
    const inside = url.origin === location.origin;
    if (inside && /^#c-/.test(url.hash) && url.pathname === location.pathname && document.getElementById(url.hash.slice(1))) {
      event.preventDefault();
      reveal(url.hash.slice(3));
    } else if (inside && ["/embed/thread", "/embed/step"].includes(url.pathname)) {
      event.preventDefault();
      go(url, link.closest("article")?.id.slice(2));
    } else if (framed && !link.getAttribute("href").startsWith("#")) {
      link.target ||= "_blank"; // every other page of ours refuses to be framed
    }
  }

  function filter(event) {
    const form = event.target.closest("form.cb-tools");
    if (!form || (event.type === "change" && event.target.name === "q")) return;
    event.preventDefault();
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form));
    choose(url);
  }

  // A refusal never takes the place of what it is about: it stands below the comment, or in the form's own place for it.
  function besides(detail) {
    const { elt } = detail.requestConfig;
    if (detail.target.matches(".cb-said")) return;
    const where = elt.closest("article, li");
    detail.shouldSwap = Boolean(where);
    if (!where) return;
    detail.swapOverride = "innerHTML";
    detail.target = where.querySelector(":scope > .cb-said") ?? document.createElement("div");
    detail.target.className = "cb-said";
    where.append(detail.target);
  }

  htmx.config.responseHandling = [{ code: "204", swap: false }, { code: "...", swap: true }]; // refusals are shown, too
  const refresh = () => visit(here);
  // What came since the last visit is new for as long as this tab stays open.
  const passing = store("sessionStorage");
  const visited = ["seen", asked.get("site"), asked.get("article_id") || asked.get("url")].join(" ");
  const since = passing.get(visited) ?? lasting.get(visited);
  lasting.set(visited, new Date().toISOString());
  if (since) passing.set(visited, since);

  Object.assign(box, { since, tell, lasting, passing, fresh, asked, reveal, visit, refresh, ask, paper, follow });
  document.addEventListener("click", lead);
  document.addEventListener("change", filter);
  document.addEventListener("submit", filter);
  document.addEventListener("keydown", (event) => {
    moved = true;
    if (event.key === "Escape") close();
  });
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    fresh();
    say(target);
    if (asked.has("comment") && performance.now() < SETTLED_MS) reveal(asked.get("comment"), true);
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const refused = detail.xhr.status >= 400;
    if (refused) besides(detail);
    document.getElementById("cb-offline")?.toggleAttribute("hidden", !refused || detail.shouldSwap);
  });
  document.addEventListener("htmx:sendError", () => document.getElementById("cb-offline")?.removeAttribute("hidden"));
  addEventListener("message", (event) => {
    const message = box.messages.read(event, "frame", { source: parent, origin: paper });
    if (message) goto(message.comment);
  });
  addEventListener("load", measure);
  new ResizeObserver(measure).observe(root);
  // Private news is asked for, never streamed: while the page is looked at and the list is closed.
  setInterval(() => {
    times();
    const bell = document.getElementById("cb-bell");
    if (bell && !document.hidden && !bell.querySelector("[open]")) bell.dispatchEvent(new Event("cb:poll"));
  }, 60_000);

  // What is live is fetched as soon as the comments are seen, and not before.
  const seen = new IntersectionObserver((all) => {
    const { live: src } = document.getElementById("cb-live")?.dataset ?? {};
    if (!src || !all.some((each) => each.isIntersecting)) return;
    seen.disconnect();
    for (const each of src.split(" ")) document.head.append(Object.assign(document.createElement("script"), { src: each }));
  });
  seen.observe(document.body);

  tell("ready");
  fresh();
  if (asked.has("comment")) reveal(asked.get("comment"));
  if (since) import("/static/jump.js");
  if (box.kept) import("/static/crumb.js");
})();
