// Runs on the paper's page, beside the loader, where the paper has a log-in of its own: tells our frames who is logged in.
// It uses the loader's messages, which are there by the time a frame can ask. Nothing is told before a frame of ours on this
// page asks, and only to our own origin. Where it looks:
//   commentbox.token                   a token, or a function that gives one (or a promise of it); '' for nobody
//   <script data-token-url="/…">       an address of the paper's that answers with one as text, or with nothing
//   <script data-token="…">            a token that is in the page already, good for one visit
(() => {
  const { src, dataset } = document.currentScript;
  const { origin } = new URL(src);

  async function fetched(url) {
    const answer = await fetch(url, { cache: "no-store" });
    if (answer.status >= 500) throw new Error(`commentbox: ${url} answered ${answer.status}`);
    return answer.ok ? (await answer.text()).trim() : "";
  }

  async function token() {
    const { token: given } = window.commentbox;
    if (given !== undefined) return typeof given === "function" ? given() : given;
    return dataset.tokenUrl ? fetched(dataset.tokenUrl) : (dataset.token ?? "");
  }

  addEventListener("message", async (event) => {
    const { known, read, send } = window.commentbox?.messages ?? {};
    if (!known) return;
    known.login ??= { login: {} };
    const asks = read(event, "login", { source: event.source, origin });
    if (!asks || event.source.parent !== window) return;
    send(event.source, origin, "here");
    send(event.source, origin, "token", { token: (await token()) || "" });
  });
})();
