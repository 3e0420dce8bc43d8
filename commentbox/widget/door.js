// The way in from the frame; at the top, signing in is a plain link. What opens it (handover.js) is fetched by whoever reaches
// for it or begins to write: a reader who only reads pays nothing, and a window opens in the moment of the click. And the session
// it brings where a frame gets no cookie: a bearer in this frame's own storage, which goes along in a header from here. Expects:
//   a[href^="/signin"], a[href^="/signup"], a[href^="/verify"], button[data-signin="/signin?…"]   are doors
//   a button to recommend or to mute is one for nobody in particular
if (parent !== window) (() => {
  const { ask, passing } = globalThis.commentbox;
  const nobody = () => document.documentElement.dataset.viewer === "nobody";

  function reach(event) {
    if (event.type === "focusin" && event.target.form?.querySelector("[data-signin]")) import("/static/handover.js").catch(() => {});
    const door = event.target.closest?.(`[data-signin], a[href]${nobody() ? ', [formaction$="/recommend"], [formaction$="/mute"]' : ""}`);
    const href = door?.dataset.signin ?? door?.getAttribute("href") ?? (door ? "/signin" : "");
    if (!crypto.subtle || !/^\/(signin|signup|verify)\b/.test(href)) return; // not a secure context: the links are links
    const fetched = import("/static/handover.js");
    if (event.type !== "click") return void fetched.catch(() => {});
    event.preventDefault();
    fetched.then(({ open }) => open(href), () => window.open(href));
  }

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const bearer = passing.get("bearer");
    if (bearer) detail.headers.Authorization = `Bearer ${bearer}`;
  });
  const over = () => (passing.drop("bearer"), ask());
  document.addEventListener("cb:signedout", over);
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status === 401 && !nobody()) over(); // show the way in again, the text stays
  });
  for (const type of ["pointerover", "focusin", "click"]) document.addEventListener(type, reach, true);
})();
