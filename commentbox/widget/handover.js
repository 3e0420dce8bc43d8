// Signing in from the frame, fetched by door.js. A window of our own origin signs the reader in and hands the session over to this frame alone:
// it returns a one-time code, which is worth nothing without the verifier that never leaves here. Where the window cannot
// reach us (COOP), the reader types six characters that stand here. PRODUCT.md, "Sessions and the frame". What it expects:
//   #cb-handover[hidden] with [data-characters], [data-cancel] and a[data-window] (for when no window opened)
const box = globalThis.commentbox;
const { ask, asked, paper, passing } = box;
const LIFE_MS = 120_000; // as long as the server waits
const ASK_MS = 2000;
const WATCH_MS = 500;
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

// Made beforehand, because a window may open only in the very moment of the click and hashing takes another.
let next = null;
async function prepare() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  next = { verifier, challenge };
}

let current = null; // the one hand-over under way
const panel = () => document.getElementById("cb-handover");
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const sameOrigin = (path, fields) =>
  fetch(path, { method: "POST", body: new URLSearchParams({ site: asked.get("site"), ...fields }), headers: { Accept: "application/json" } });

// A cookie is tried, not guessed at: browsers that give a frame none do so silently.
function cookies() {
  const cookie = "cb-try=1; Path=/; SameSite=None; Secure; Partitioned";
  document.cookie = cookie;
  const kept = document.cookie.includes("cb-try=1");
  document.cookie = `${cookie}; Max-Age=0`;
  return kept ? 1 : 0;
}

export async function open(href) {
  if (!next) await prepare(); // a click in the first moment: the reader's act still counts
  const url = new URL(href, location.origin);
  url.searchParams.set("challenge", next.challenge);
  url.searchParams.set("back", "frame");
  if (!url.searchParams.has("site")) url.searchParams.set("site", asked.get("site"));
  url.searchParams.set("paper", paper ?? ""); // the window names it, if the site has it
  const popup = window.open(url, "_blank", "popup,width=480,height=760");
  end();
  current = { ...next, popup, url, until: Date.now() + LIFE_MS };
  next = null;
  prepare();
  watch(current);
}

// The window is out of reach (or the reader closed it, which looks the same from here): show the characters.
async function watch(mine) {
  while (mine === current && mine.popup && !mine.popup.closed) await pause(WATCH_MS);
  await pause(WATCH_MS);
  if (mine !== current || mine.answered) return;
  if (mine.url.pathname === "/verify") return end(mine), mine.told || ask(); // nothing to hand over, but the badge may be new
  mine.until = Date.now() + LIFE_MS;
  const answer = await sameOrigin("/handover/begin", { challenge: mine.challenge });
  if (mine !== current || !answer.ok) return end(mine);
  show(mine, (await answer.json()).characters);
  while (mine === current && Date.now() < mine.until) {
    await pause(ASK_MS);
    if (mine === current && (await redeem(mine, {}))) return;
  }
  end(mine);
}

function show({ url }, characters) {
  const shown = panel();
  if (!shown) return;
  shown.querySelector("[data-characters]").textContent = characters;
  const link = shown.querySelector("[data-window]");
  if (link) link.href = url;
  shown.hidden = false;
  box.fresh();
}

function end(mine = current) {
  if (mine !== current) return;
  current = null;
  if (panel()) panel().hidden = true;
}

async function redeem(mine, fields) {
  const answer = await sameOrigin("/handover/redeem", { ...fields, verifier: mine.verifier, cookies: cookies() });
  if (answer.status !== 200) {
    if (answer.status !== 202) end(mine); // 202: nobody has typed the characters yet
    return false;
  }
  const { bearer: token } = await answer.json();
  token ? passing.set("bearer", token) : passing.drop("bearer");
  end(mine);
  await ask();
  (document.querySelector("[data-reply-to] textarea") ?? document.querySelector("#cb-viewer textarea"))?.focus({ preventScroll: true });
  return true;
}

addEventListener("message", (event) => {
  const message = current && box.messages.read(event, "opener", { source: current.popup, origin: location.origin });
  if (message?.name === "verified") current.told = ask();
  if (message?.name !== "code") return;
  current.answered = true;
  current.popup.close();
  redeem(current, { code: message.code });
});
document.addEventListener("click", ({ target }) => target.closest("#cb-handover [data-cancel]") && end());
prepare();
