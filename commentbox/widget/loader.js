// Runs on the paper's page: finds the slot, waits until the reader is near, then puts the frame there. messages.js is in front.
// Options (data-… on the tag, or the object given to commentbox.mount) and events: docs/embedding.md.
(() => {
  const box = window.commentbox;
  const tag = document.currentScript ?? document.querySelector('script[src*="/loader.js"][data-site]');
  const mounts = (box.mounts ??= new Map());
  const base = new URL(".", tag.src).href;
  const NEAR = "600px 0px";
  const PATIENCE_MS = 8000;
  const GRACE_MS = 2000; // a frame that has loaded and still says nothing was refused
  // What the frame is called, what the link in its place says, what is said when it cannot be had.
  const WORDS = {
    en: ["Comments", "Read the comments", "The comments could not be loaded."],
    ar: ["التعليقات", "اقرأ التعليقات", "تعذّر تحميل التعليقات."],
    de: ["Kommentare", "Kommentare lesen", "Die Kommentare konnten nicht geladen werden."],
    es: ["Comentarios", "Leer los comentarios", "No se pudieron cargar los comentarios."],
    fr: ["Commentaires", "Lire les commentaires", "Les commentaires n’ont pas pu être chargés."],
    pl: ["Komentarze", "Czytaj komentarze", "Nie udało się wczytać komentarzy."],
  };

  const linked = () => /^#cb-comment-([\w-]+)$/.exec(location.hash)?.[1];
  const make = (name, style, more) => {
    const made = Object.assign(document.createElement(name), more);
    made.style.cssText = style;
    return made;
  };

  function address(page, { server, site, articleId, url, sig, lang, theme }, comment) {
    const article = new URL(url || document.querySelector("link[rel=canonical]")?.href || location, location);
    article.hash = "";
    const asked = { site, article_id: articleId, url: article, sig, lang, theme, comment };
    return server + page + "?" + new URLSearchParams(Object.entries(asked).filter((pair) => pair[1]));
  }

  function thread(slot, options, home) {
    const [title, invitation, failure] = WORDS[(options.lang || document.documentElement.lang).slice(0, 2)] ?? WORDS.en;
    const { origin } = new URL(options.server);
    const before = [...slot.childNodes];
    let frame, height, late, note, painting, ready, touched;

    const tell = (name, detail) => slot.dispatchEvent(new CustomEvent("commentbox:" + name, { bubbles: true, detail }));
    const near = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && open(), { rootMargin: NEAR });

    function open() {
      near.disconnect();
      // The room is taken while it is out of sight, so that nothing in sight has to move later.
      frame = make("iframe", "display:block;width:100%;height:80vh;border:0", {
        src: address("embed/thread", options, linked()) + "#" + location.origin,
        title,
        allow: "publickey-credentials-get",
        referrerPolicy: "strict-origin",
        scrolling: "no",
        onload: () => ready || wait(GRACE_MS),
      });
      wait(PATIENCE_MS);
      slot.append(frame);
    }

    function wait(milliseconds) {
      clearTimeout(late);
      late = setTimeout(refused, milliseconds, {});
    }

    function refused({ code }) {
      const { site } = options;
      const why = `commentbox: ${code ?? "no answer"}. Does ${origin} know site “${site}”, and this address as one of its own? ` +
        `If not: commentbox site origin add ${site} ${location.origin}`;
      clearTimeout(late);
      if (note) return;
      console.error(why);
      note = make("p", "", { textContent: failure + " " });
      note.append(make("small", "", { textContent: why, lang: "en", dir: "ltr" }));
      frame.before(note);
      frame.style.height = 0;
    }

    function paint() {
      painting = cancelAnimationFrame(painting);
      frame.style.height = height + "px";
    }

    const heard = {
      refused,
      ready() {
        if (ready) return;
        ready = true;
        clearTimeout(late);
        while (frame.previousSibling) frame.previousSibling.remove();
        tell("ready");
      },
      height(message) {
        ({ height } = message);
        painting ??= requestAnimationFrame(paint);
      },
      // A mark instead of arithmetic: it heeds the page's own scroll-padding and scrolling boxes.
      scrollto({ top, again }) {
        if (again && touched) return;
        touched = false;
        paint();
        slot.style.position = "relative";
        const mark = make("i", `position:absolute;top:${frame.offsetTop + top}px;scroll-margin-top:20vh`);
        slot.append(mark);
        mark.scrollIntoView();
        mark.remove();
      },
      count: ({ total, verified }) => tell("count", { total, verified }),
      posted: ({ id, state }) => tell("posted", { id, state }),
      verified: () => tell("verified"),
    };

    if (!slot.firstElementChild) slot.append(make("a", "", { href: home, textContent: invitation }));
    if (linked()) open();
    else near.observe(slot);

    return {
      home,
      hear(event) {
        const message = frame && box.messages.read(event, "paper", { source: frame.contentWindow, origin });
        if (message) heard[message.name](message);
      },
      go() {
        if (!linked()) return;
        if (!ready) return frame || open();
        box.messages.send(frame.contentWindow, origin, "goto", { comment: linked() });
      },
      touch() {
        touched = true;
      },
      unmount() {
        near.disconnect();
        clearTimeout(late);
        cancelAnimationFrame(painting);
        mounts.delete(slot);
        slot.style.position = "";
        slot.replaceChildren(...before);
        if (!mounts.size) listen("remove");
      },
    };
  }

  const EARS = { message: "hear", hashchange: "go", wheel: "touch", touchmove: "touch", keydown: "touch" };
  const onEvent = (event) => mounts.forEach((each) => each[EARS[event.type]](event));
  const listen = (verb) => Object.keys(EARS).forEach((type) => window[verb + "EventListener"](type, onEvent, { passive: true }));

  box.mount ??= (slot, given) => {
    const options = { server: base, site: tag.dataset.site, ...given };
    const home = address("thread", options);
    const old = mounts.get(slot);
    if (old?.home === home) return old;
    old?.unmount();
    mounts.forEach((each, where) => where.isConnected || each.unmount());
    if (!mounts.size) listen("add");
    mounts.set(slot, thread(slot, options, home));
    return mounts.get(slot);
  };
  box.unmount ??= (slot) => mounts.get(slot)?.unmount();

  function start() {
    const { mount, ...options } = { server: base, ...tag.dataset };
    const home = address("thread", options);
    if (mount === "none" || [...mounts.values()].some((each) => each.home === home)) return;
    let slot = document.getElementById("commentbox");
    if (!slot || mounts.has(slot)) {
      if (!tag.closest("body")) return;
      slot = document.createElement("div");
      tag.after(slot);
    }
    box.mount(slot, options);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
