// Runs in the frame of a paper with a log-in of its own, once the comments are seen: asks the paper who is logged in there,
// signs that reader in, and only then asks for the viewer's own layer. No word of the paper, no session by its log-in: one that
// an earlier reader left in this browser is never used for the next. What it expects:
//   #cb-viewer               gets the viewer's own layer
//   form[data-login]         asks somebody new for a name; comes as `ask` with a refusal of POST /embed/sso
// Kept for this tab: `bearer` (handover.js sends it), and `login`, the paper's id of the reader it is for; "-" before it says
// that they signed out here.
if (parent !== window) (() => {
  const box = globalThis.commentbox;
  const { ask, asked, messages, paper, passing } = box;
  const root = document.documentElement;
  const ASK_MS = 300;
  const PRESENCE_MS = 1000; // then the page has no sso.js, and nothing is known
  const PATIENCE_MS = 8000; // for the paper's own log-in
  messages.known.token = { here: {}, token: { token: (value) => typeof value === "string" && /^[\w.-]{0,8000}$/.test(value) } };

  const paperSays = () =>
    new Promise((done) => {
      const tell = () => messages.send(parent, paper, "login");
      const timer = setInterval(tell, ASK_MS);
      const end = (token) => (clearInterval(timer), clearTimeout(late), removeEventListener("message", hear), done(token));
      let late = setTimeout(end, PRESENCE_MS);
      const hear = (event) => {
        const message = messages.read(event, "token", { source: parent, origin: paper });
        if (message?.name === "token") end(message.token);
        if (message?.name !== "here") return;
        clearInterval(timer);
        clearTimeout(late);
        late = setTimeout(end, PATIENCE_MS);
      };
      addEventListener("message", hear);
      tell();
    });

  // Whom a token is about. Only compared with what this tab kept: the server is who believes it or not.
  function subject(token) {
    try {
      return String(JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub);
    } catch {
      return "";
    }
  }

  async function send(fields) {
    const held = passing.get("bearer");
    const headers = { Accept: "application/json", ...(held && { Authorization: `Bearer ${held}` }) };
    const body = new URLSearchParams({ site: asked.get("site"), lang: root.lang, ...fields });
    const answer = await fetch("/embed/sso", { method: "POST", body, headers });
    const told = await answer.json();
    if (told.error && !told.ask) console.error(`commentbox: ${told.error.code} ${JSON.stringify(told.error.data)}`);
    return told;
  }

  let reader = ""; // the paper's id of whoever is logged in there
  let ticket = ""; // somebody new: an account is made when they first want to write or recommend
  let joining = null;
  const forget = () => (passing.drop("bearer"), passing.drop("login"));
  const signedIn = () => root.dataset.viewer !== "nobody";

  async function take({ bearer, stays, error, ticket: given, ask: form }) {
    const writes = given && document.activeElement?.matches("#cb-viewer textarea");
    ticket = given ?? "";
    // A refused token (used up by another frame of this page) ends nothing that is this very reader's.
    if (!stays && !(error && passing.get("login") === reader)) forget();
    if (bearer || stays) passing.set("login", reader);
    if (bearer) passing.set("bearer", bearer);
    await ask();
    if (form) document.getElementById("cb-viewer").insertAdjacentHTML("afterbegin", form);
    box.fresh();
    if (writes) join();
  }

  const focus = () => document.querySelector("#cb-viewer [data-login] input, #cb-viewer textarea")?.focus({ preventScroll: true });

  async function begin() {
    const token = await paperSays();
    const of = passing.get("login");
    if (token === undefined) {
      if (of) forget();
      return ask();
    }
    reader = token && subject(token);
    if (reader && of === `-${reader}`) return ask();
    if (reader && of === reader) await ask();
    if (reader && of === reader && signedIn()) return;
    if (token || of) return take(await send({ token }));
    await ask();
    if (signedIn() && (await send({ token })).out) await take({});
  }

  async function join() {
    const mine = ticket;
    ticket = "";
    await take(await send({ ticket: mine }));
    if (!signedIn()) focus();
  }

  // The first reach for the pen, or for a button that needs somebody signed in. What was pressed is pressed again afterwards.
  const DOORS = '#cb-viewer textarea, [data-signin], [formaction$="/recommend"], [formaction$="/mute"]';
  function reach(event) {
    const door = (ticket || joining) && event.target.closest?.(DOORS);
    if (!door) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    joining ??= join().finally(() => (joining = null));
    const writes = door.matches("#cb-viewer *");
    if (event.type === "click" || writes) joining.then(() => (writes ? focus() : signedIn() && door.click()));
  }

  addEventListener("focusin", reach, true);
  addEventListener("click", reach, true);
  addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-login]")) return;
    event.preventDefault();
    await take(await send(Object.fromEntries(new FormData(form))));
    focus();
  });
  document.addEventListener("cb:signedout", () => reader && passing.set("login", `-${reader}`));
  begin().catch(() => ask());
})();
