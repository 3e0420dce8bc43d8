// Runs on the paper's index pages: fills every [data-commentbox-count] with both numbers, all of them in one request.
// Attributes and formats: docs/embedding.md. What cannot be counted keeps the text it has.
(() => {
  const tag = document.currentScript ?? document.querySelector('script[src*="/counts.js"][data-site]');
  const base = new URL(".", tag.src).href;
  const FORMATS = {
    format: "{total} comments, {verified} from verified people",
    formatOne: "{total} comment, {verified} from verified people",
    formatNone: "No comments yet",
  };

  function fill(element, { total, verified_total: verified }) {
    const lang = element.closest("[lang]")?.lang || undefined;
    const form = total === 0 ? "formatNone" : total === 1 ? "formatOne" : "format";
    const own = { ...tag.dataset, ...element.dataset };
    const text = own[form] ?? own.format ?? FORMATS[form];
    const number = (value) => new Intl.NumberFormat(lang).format(value);
    element.textContent = text.replaceAll("{total}", number(total)).replaceAll("{verified}", number(verified));
  }

  async function count(within = document) {
    const wanted = new Map(); // what is asked -> the elements it is for
    for (const element of within.querySelectorAll("[data-commentbox-count]")) {
      const { articleId, url, site = tag.dataset.site } = element.dataset;
      if (site !== tag.dataset.site || !(articleId || url)) continue;
      const pair = articleId ? ["article_id", articleId] : ["url", new URL(url, location).href];
      const key = pair.join(" ");
      wanted.set(key, { pair, elements: [...(wanted.get(key)?.elements ?? []), element] });
    }
    if (!wanted.size) return;
    const asked = new URLSearchParams([["site", tag.dataset.site], ...[...wanted.values()].map(({ pair }) => pair)]);
    const answer = await fetch(`${base}api/v1/counts?${asked}`, { credentials: "omit" });
    if (!answer.ok) throw new Error(answer.status);
    for (const each of (await answer.json()).counts) {
      const key = each.article_id && wanted.has(`article_id ${each.article_id}`) ? `article_id ${each.article_id}` : `url ${each.url}`;
      wanted.get(key)?.elements.forEach((element) => fill(element, each));
    }
  }

  const counted = (within) => count(within).catch((error) => console.warn(`commentbox: no counts from ${base} (${error.message})`));
  if (!Object.hasOwn(window, "commentbox")) window.commentbox = {}; // an element of this id does not count
  window.commentbox.counts = counted;
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => counted());
  else counted();
})();
