// Runs on the paper's index pages: fills every [data-commentbox-count] with both numbers, all of them in one request.
// Attributes and formats: docs/embedding.md. What cannot be counted keeps the text it has.
(() => {
  const tag = document.currentScript ?? document.querySelector('script[src*="/counts.js"][data-site]');
  const base = new URL(".", tag.src).href;
  // For each language: none yet, what follows the total in each of its plural forms, and what follows both numbers.
  const WORDS = {
    en: ["No comments yet", { one: "comment", other: "comments" }, ", {verified} from verified people"],
    ar: [
      "لا تعليقات بعد",
      { one: "تعليق", two: "تعليقان", few: "تعليقات", many: "تعليقًا", other: "تعليق" },
      "، {verified} من أشخاص موثّقين",
    ],
    de: ["Noch keine Kommentare", { one: "Kommentar", other: "Kommentare" }, ", {verified} von verifizierten Personen"],
    es: ["Todavía no hay comentarios", { one: "comentario", other: "comentarios" }, ", {verified} de personas verificadas"],
    fr: ["Pas encore de commentaires", { one: "commentaire", other: "commentaires" }, ", {verified} de personnes vérifiées"],
    pl: [
      "Nie ma jeszcze komentarzy",
      { one: "komentarz", few: "komentarze", other: "komentarzy" },
      ", {verified} od zweryfikowanych osób",
    ],
  };

  // What we say ourselves where the paper says nothing of its own.
  function format(total, lang) {
    const [none, forms, both] = WORDS[lang?.slice(0, 2)] ?? WORDS.en;
    return total ? `{total} ${forms[new Intl.PluralRules(lang).select(total)] ?? forms.other}${both}` : none;
  }

  function fill(element, { total, verified_total: verified }) {
    const lang = element.closest("[lang]")?.lang || undefined;
    const form = total === 0 ? "formatNone" : total === 1 ? "formatOne" : "format";
    const own = { ...tag.dataset, ...element.dataset };
    const text = own[form] ?? own.format ?? format(total, lang);
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
