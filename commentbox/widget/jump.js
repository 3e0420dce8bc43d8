// For readers who come back: marks the comments that came since their last visit, and leads from one to the next by a
// button and by the keys n and p. When that was is known to this browser alone. Loaded by frame.js, which knows since when.
const { reveal, since } = globalThis.commentbox;
const last = new Date(since);
const tools = () => document.querySelector(".cb-tools");
const fresh = () => [...document.querySelectorAll("article[data-new]")];

function mark() {
  for (const time of document.querySelectorAll("article.cb-comment:not([data-new], [data-own]) > .cb-by .cb-time time")) {
    if (!(new Date(time.dateTime) > last)) continue;
    time.closest("article").dataset.new = "1";
    const word = document.createElement("b");
    word.className = "cb-new";
    word.textContent = tools().dataset.new;
    time.after(" ", word);
  }
  if (!fresh().length || tools().querySelector("[aria-keyshortcuts]")) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "cb-link", textContent: tools().dataset.next });
  button.setAttribute("aria-keyshortcuts", "n");
  button.addEventListener("click", () => step(1));
  tools().append(button); // beside "Search": nothing moves
}

let at = null; // the comment that was jumped to last
function step(by) {
  const all = fresh();
  const here = document.activeElement.closest?.("article") ?? at;
  const beyond = (each) => here && here.compareDocumentPosition(each) & (by > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING);
  const found = here?.isConnected ? all.filter(beyond).at(by > 0 ? 0 : -1) : all.at(by > 0 ? 0 : -1);
  if (found) reveal((at = found).id.slice(2));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "n") step(1);
  if (event.key === "p") step(-1);
});
document.addEventListener("htmx:afterSettle", mark);
mark();
