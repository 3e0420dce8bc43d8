// The desk's keys, and the small things a script can add: the statement as it is typed, the claim kept alive while
// somebody works, the undo that goes away in time. Everything here also works as a plain form or link without it.
(() => {
  "use strict";
  const RENEW_MS = 60_000; // a claim lasts at least five minutes: one sign of life a minute is plenty
  const SWITCH = "commentbox:keys";
  const find = (selector, root = document) => root.querySelector(selector);
  const caseNode = find("article.cb-case[data-case]");

  // ---- the list: j and k open the next and the previous case ----
  const links = [...document.querySelectorAll(".cb-qlist .cb-qtext a")];
  const step = (by) => {
    const at = links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = at < 0 ? links[by > 0 ? 0 : links.length - 1] : links[at + by];
    if (next) next.click();
    else if (by > 0) find('.cb-bulk a[rel="next"]')?.click();
  };

  // ---- choosing: a key marks the choice and puts the cursor where the next word is needed ----
  const choose = (key) => {
    const radio = find(`.cb-verdict input[data-key="${key}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    const empty = [...document.querySelectorAll("#ground, #facts, #answer")];
    const needed = empty.find((field) => field.offsetParent && !field.value.trim());
    (needed ?? find(".cb-verdict .is-main")).focus();
  };
  const pick = (number) => {
    const ground = find("#ground");
    if (!ground?.options[number]) return;
    ground.selectedIndex = number;
    ground.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const press = (key) => find(`button[data-key="${key}"]`)?.click();

  const ACTIONS = {
    j: () => step(1),
    k: () => step(-1),
    a: () => choose("a"),
    r: () => choose("r"),
    c: () => press("c"),
    u: () => press("u"),
    n: () => find('.cb-bulk[action="/desk/next"] button')?.click(),
    x: () => find(".cb-qlist .is-open input")?.click(),
    p: () => find('a[data-key="p"]')?.click(),
    w: () => choose("w"),
    s: () => choose("s"),
    h: () => choose("h"),
    b: () => choose("b"),
    "/": () => find(".cb-filters select, .cb-filters input")?.focus(),
    "?": () => find("#keys")?.togglePopover(),
  };

  // Single keys can be switched off (WCAG 2.1.4): a screen reader or dictation may send letters of its own.
  const box = find("#keys-on");
  const stored = (value) => {
    try {
      if (value !== undefined) localStorage.setItem(SWITCH, value);
      return localStorage.getItem(SWITCH);
    } catch {
      return null; // storage can be forbidden; then the keys are on until the page is left
    }
  };
  if (box) {
    box.checked = stored() !== "off";
    box.addEventListener("change", () => stored(box.checked ? "on" : "off"));
  }

  // Kind to whoever reads this all day: kept in this moderator's own browser, and never on the server.
  for (const kind of ["soft", "grey"]) {
    const choice = find(`#${kind}`), name = `commentbox:${kind}`;
    if (!choice) continue;
    const show = () => document.body.classList.toggle(`is-${kind}`, choice.checked);
    try { choice.checked = localStorage.getItem(name) === "on"; } catch { /* storage is forbidden: off until chosen */ }
    show();
    choice.addEventListener("change", () => {
      show();
      try { localStorage.setItem(name, choice.checked ? "on" : "off"); } catch { /* then for this page alone */ }
    });
  }

  // A break is five minutes without a sign of life; after fifty without one there is a word, for whoever wants it.
  const BREAK_MS = 5 * 60_000, LONG_MS = 50 * 60_000;
  const rest = find("#rest"), pause = find("#pause");
  if (rest && pause) {
    const kept = (name, value) => {
      try {
        if (value !== undefined) localStorage.setItem(`commentbox:${name}`, value);
        return localStorage.getItem(`commentbox:${name}`);
      } catch { return null; }
    };
    const look = () => {
      const now = Date.now(), last = Number(kept("last")) || 0;
      if (now - last > BREAK_MS) kept("since", now);
      kept("last", now);
      pause.hidden = !rest.checked || now - Number(kept("since")) < LONG_MS;
    };
    rest.checked = kept("rest") === "on";
    rest.addEventListener("change", () => { kept("rest", rest.checked ? "on" : "off"); look(); });
    find("button", pause).addEventListener("click", () => { kept("since", Date.now()); pause.hidden = true; });
    for (const sign of ["keydown", "pointerdown"]) document.addEventListener(sign, look, { passive: true });
    look();
  }

  const writes = (node) => node instanceof HTMLElement && (node.isContentEditable || /^(TEXTAREA|SELECT)$/.test(node.tagName) ||
    (node.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(node.type)));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && writes(event.target)) { event.target.blur(); return; }
    if (writes(event.target) || (box && !box.checked && event.key !== "?")) return;
    const action = /^[1-9]$/.test(event.key) ? () => pick(Number(event.key)) : ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  // ---- the statement as the author will read it ----
  const form = find("#decide");
  const line = (name) => find(`#decide .cb-preview [data-line="${name}"]`);
  const show = () => {
    const ground = find("#ground");
    if (!ground) return;
    const reads = ground.selectedOptions[0]?.dataset.reads ?? "";
    const ground_line = line("ground"), facts_line = line("facts");
    if (ground_line) ground_line.textContent = [reads, find("#why").value.trim()].filter(Boolean).join(" ") || "…";
    if (facts_line) facts_line.textContent = find("#facts").value.trim() || "…";
  };
  const demand = () => {
    const removes = find('.cb-verdict input[value="remove"]')?.checked ?? false;
    for (const id of ["ground", "facts"]) {
      const field = document.getElementById(id);
      if (field) field.required = removes;
    }
    const why = find("#why");
    if (why) why.required = removes && find("#ground").value.startsWith("law:");
  };
  if (form) {
    form.addEventListener("input", () => { show(); demand(); });
    find(".cb-verdict")?.addEventListener("change", demand);
    show();
    demand();
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault(); // a second Enter is not a second decision
      form.dataset.sent = "1";
    });
    addEventListener("pageshow", () => { delete form.dataset.sent; });
  }

  // ---- a claim lives while somebody works on it ----
  if (caseNode?.hasAttribute("data-mine")) {
    let last = Date.now();
    const renew = () => {
      if (Date.now() - last < RENEW_MS) return;
      last = Date.now();
      const body = new URLSearchParams(new FormData(find(".cb-lease")));
      fetch(`/desk/case/${caseNode.dataset.case}/renew`, { method: "POST", body }).catch(() => {});
    };
    for (const sign of ["input", "keydown", "pointerdown", "scroll"]) document.addEventListener(sign, renew, { passive: true, capture: true });
  }

  // ---- the undo goes when its time is over ----
  const toast = find(".cb-toast[data-seconds]");
  if (toast) setTimeout(() => { toast.hidden = true; }, Math.max(4, Number(toast.dataset.seconds)) * 1000);

  // Ctrl+Enter decides from inside a text; a moment reads in the moderator's own time.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form?.contains(event.target)) {
      form.requestSubmit(find('.cb-verdict button[value="decide"]'));
    }
  });
  const local = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll(".cb-context time")) time.textContent = local.format(new Date(time.dateTime));

  // Keep the open case in view in a long list.
  find(".cb-qlist .is-open")?.scrollIntoView({ block: "nearest" });
})();
