// Runs on the paper's front page: fills every [data-commentbox-latest] (a list) with the newest comments, their authors'
// badges in words, and links to them. Attributes: docs/embedding.md. Where nothing comes, the element keeps what it has.
(() => {
  const tag = document.currentScript ?? document.querySelector('script[src*="/latest.js"][data-site]');
  const base = new URL(".", tag.src).href;

  function item({ author, badge, excerpt, link, article, created_at: at }, lang) {
    const entry = document.createElement("li");
    const name = document.createElement("bdi");
    const text = document.createElement("a");
    const time = document.createElement("time");
    name.textContent = author;
    text.textContent = excerpt;
    if (/^https?:/.test(link)) text.href = link;
    time.dateTime = at;
    time.textContent = new Date(at).toLocaleDateString(lang, { dateStyle: "medium" });
    entry.append(name, ` (${badge.words}) `, text, ` ${article.title} `, time);
    return entry;
  }

  async function fill(list) {
    const own = { ...tag.dataset, ...list.dataset };
    const lang = own.lang ?? list.closest("[lang]")?.lang ?? "";
    const asked = new URLSearchParams({ site: own.site, show: own.show ?? "everyone", limit: own.limit ?? "10", lang });
    const answer = await fetch(`${base}api/v1/comments/latest?${asked}`, { credentials: "omit" });
    if (!answer.ok) throw new Error(answer.status);
    const { comments } = await answer.json();
    if (comments.length) list.replaceChildren(...comments.map((each) => item(each, lang || undefined)));
  }

  function all() {
    for (const list of document.querySelectorAll("[data-commentbox-latest]")) {
      fill(list).catch((error) => console.warn(`commentbox: no latest comments from ${base} (${error.message})`));
    }
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", all);
  else all();
})();
