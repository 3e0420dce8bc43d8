// Shows what live.js hears: a bar for new comments, so that nothing moves under the reader, and changes in their place.
//   #cb-live[data-words]   has a p for how many are reading, and a status region for the bar
//   /embed/fresh           gives comments as they stand now: li[data-under] in a div with both numbers
//   /embed/news            what the stream would have said, for pages that none reaches
const { reveal, visit } = globalThis.commentbox;
const POLL_MS = 15_000;
const SPREAD_MS = 1000; // thousands hear the same at once, and must not ask at once
const MOST = 60;
const unseen = new Map(); // id -> tier of comments that came and are not on the page
const changed = new Set(); // ids on the page that are not as they were
let more = false; // some came that no id is known of: then the numbers of the thread say how many
let latest = {};
let live, spot, later;

const at = (id) => document.getElementById(id);
const comment = (id) => at(`c-${id}`);
const every = () => [...document.querySelectorAll('#cb-list [id^="c-"]')].map((each) => each.id.slice(2));
const whole = (element) => element.closest("details.cb-fold") ?? element;
const made = (name, className) => Object.assign(document.createElement(name), { className });
const counted = () => (new URLSearchParams(live.query).get("show") === "verified" ? "verified" : "total");
const settle = () => document.body.dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true }));

function say(part, number, kind) {
  const { lang } = document.documentElement;
  const forms = spot.dataset.words.split("\n").map((line) => line.split("|"));
  const form = kind ?? new Intl.PluralRules(lang).select(number);
  const words = forms.find((each) => each[0] === form) ?? forms[0];
  return words[part].replace("{n}", new Intl.NumberFormat(lang).format(number));
}

// How many wait, by the ids that are known and, where some are not, by what the page shows and the thread has.
function waiting(kind) {
  const known = [...unseen.values()].filter((tier) => kind === "total" || tier === "verified").length;
  return more ? Math.max(known, latest[kind] - at("comments").dataset[kind]) : known;
}

function bar() {
  const number = waiting(counted());
  const place = spot.lastElementChild;
  if (!number) return place.replaceChildren();
  spot.firstElementChild.hidden = true;
  const button = place.firstElementChild ?? place.appendChild(made("button", "cb-live"));
  button.onclick = () => show().catch(() => at("cb-offline")?.removeAttribute("hidden"));
  button.textContent = `${say(1, number)} `;
  const verified = Math.min(number, waiting("verified"));
  if (verified && counted() === "total") button.append(Object.assign(made("small"), { textContent: say(1, verified, "verified") }));
}

function reading(number) {
  const line = spot.firstElementChild;
  line.hidden = !number || waiting(counted()) > 0;
  if (number) line.textContent = say(2, number);
}

// Where the public layer was replaced, what was known of the one before is forgotten.
function follow(given) {
  live = given;
  if (spot === live.spot) return;
  ({ spot } = live);
  more = false;
  unseen.clear();
  changed.clear();
}

export function hear(given, { kind, id, tier, readers, ...numbers }, left) {
  follow(given);
  if ("total" in numbers) latest = numbers;
  const echo = kind === "posted" && comment(id); // one's own, put here by the answer to the post: as it stands now
  if (kind === "at") {
    const came = latest[counted()] - at("comments").dataset[counted()];
    if (left || came < 0) every().forEach((each) => changed.add(each));
    more = came > 0;
    unseen.clear();
  } else if (id && comment(id)) {
    if (!echo) changed.add(id);
  } else if (kind === "posted" || kind === "published") unseen.set(id, tier);
  else unseen.delete(id);
  if (changed.size) soon(SPREAD_MS);
  else if (kind === "counts") soon(5 * SPREAD_MS);
  if (readers !== undefined) reading(readers);
  bar();
}

export async function poll(given) {
  follow(given);
  live.stop();
  const { turn } = live;
  const answer = await fetch(`/embed/news?${live.query}&since=${live.last}`).catch(() => {});
  const news = answer?.ok ? await answer.json() : { position: live.last, events: [] };
  if (turn !== live.turn) return; // a stream was begun meanwhile
  setTimeout(() => turn === live.turn && poll(live), POLL_MS);
  live.last = news.position;
  for (const each of news.events) live.hear(each);
  reading(news.readers);
}

function soon(milliseconds) {
  later ??= setTimeout(apply, Math.random() * milliseconds);
}

// Gives comments as they stand now, and puts the numbers of the thread where they belong.
async function ask(ids) {
  const answer = await fetch(`/embed/fresh?${live.query}&v=${live.last}&ids=${ids}`);
  if (!answer.ok) throw new Error(answer.status);
  const piece = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
  Object.assign(at("comments").dataset, { ...piece.dataset });
  for (const id of ["cb-counts", "cb-hidden"]) at(id)?.replaceWith(piece.querySelector(`#${id}`) ?? "");
  return piece;
}

async function apply() {
  later = undefined;
  const before = spot;
  const ids = [...changed].slice(0, MOST);
  if (!every().length) return visit(new URL(`?${live.query}`, location));
  const piece = await ask(ids).catch(() => {});
  if (!piece || before !== spot) return; // it is asked for again with the next news
  for (const id of ids) {
    changed.delete(id);
    if (comment(id)) change(comment(id), piece.querySelector(`#c-${id}`));
  }
  if (changed.size) soon(SPREAD_MS);
  settle();
}

// What the reader has open is never taken from them: the comment changes once it is closed.
function wait(old) {
  const id = old.id.slice(2);
  old.addEventListener("toggle", () => (changed.add(id), soon(SPREAD_MS)), { capture: true, once: true });
}

// The private layer is as old as its last asking. What the reader did since, and a changed comment would forget, is noted in it.
function note(old) {
  const told = at("cb-mine");
  const mine = JSON.parse(told?.content.textContent ?? "{}");
  if (!mine.signed_in) return;
  const id = old.id.slice(2);
  const until = old.querySelector("[data-edit]") ? "9999-12-31" : ""; // the server knows better
  if (old.dataset.own) mine.own = { [id]: { edit_until: until }, ...mine.own };
  mine.recommended = (mine.recommended ?? []).filter((each) => each !== id);
  if (old.querySelector('[formaction$="/recommend"][aria-pressed="true"]')) mine.recommended.push(id);
  told.content.textContent = JSON.stringify(mine);
}

function change(old, now) {
  const item = old.closest("li");
  if (old.querySelector("textarea")) return; // somebody is editing it
  const typing = (element) => element.querySelector("textarea");
  if (!now) return (typing(whole(old)) ? old : typing(item) ? whole(old) : item).remove();
  if (typing(whole(old)) && whole(old) !== old) return; // a reply is being written in the fold
  if (old.querySelector('[name="cb-open"][open]')) return wait(old);
  note(old);
  const held = old.contains(document.activeElement);
  if (whole(old).open) whole(now).open = true;
  whole(old).replaceWith(whole(now));
  htmx.process(whole(now));
  if (!held) return;
  now.tabIndex = -1;
  now.focus({ preventScroll: true });
}

function put(item) {
  const parent = comment(item.dataset.under);
  if (parent) {
    item.querySelector("[data-up]").remove();
    const under = parent.closest("li");
    (under.querySelector(":scope > .cb-replies") ?? under.appendChild(made("ol", "cb-replies"))).append(item);
  } else at("cb-list").prepend(item);
  htmx.process(item);
}

async function show() {
  const ids = [...unseen.keys()];
  const before = new Set(every());
  if (more || ids.length > MOST || "around" in spot.dataset || !before.size) {
    const url = new URL(`?${live.query}`, location);
    url.searchParams.set("sort", "newest");
    await visit(url);
  } else {
    (await ask(ids)).querySelectorAll("li[data-under]").forEach(put);
    for (const id of ids) unseen.delete(id);
    settle();
  }
  const first = every().find((id) => !before.has(id));
  if (first) reveal(first);
}

document.addEventListener("htmx:afterSettle", () => {
  if (spot !== live.spot) return;
  for (const item of document.querySelectorAll("li[data-under]")) {
    const { id } = item.querySelector('[id^="c-"]');
    if (document.querySelectorAll(`[id="${id}"]`).length > 1) item.remove(); // "Show more" has brought it too
  }
  every().forEach((id) => unseen.delete(id));
  bar();
});
