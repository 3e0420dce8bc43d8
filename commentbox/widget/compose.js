// Writing, in the frame and on /thread: drafts that survive, one post a click, replies in place, marks of one's own.
// The forms are plain forms and work without this file. What it expects of the private layer, which htmx puts into #cb-viewer:
//   template#cb-mine    JSON: what is one's own (fields: see `marks`). Not a script element, which htmx takes out
//   template#cb-own     what one may do with an own comment, put into its .cb-acts; [data-edit] goes when the time is over
//   template#cb-case    for staff, a link from every comment to its case at the desk
//   template#cb-reply   a composer with a field `parent`; [data-cancel] closes it. In both, {id} in attributes becomes the comment's id
//   a[data-reply]       opens that composer below its article#c-ID (without script: a link to /thread)
//   template#cb-muted-HOW   what stands for the reply where one of two people muted the other, and the fold, if any
//   a[data-quote]       the same, with the comment's words to answer below
//   [data-for="verified"][hidden], [data-for="unverified"]   of the two, a viewer gets the one for their tier
// The server says what was done by the header HX-Trigger: cb:posted {id, state} · cb:edited · cb:withdrawn · cb:muted ·
// cb:recommended {all, verified, mine}.
(() => {
  const { ask, asked, follow, fresh, lasting, refresh, reveal, tell } = globalThis.commentbox;
  const root = document.documentElement;
  const writing = (form) => form?.matches?.("form[method=post]") && form.querySelector("textarea[name=text]");

  const place = (form) =>
    ["draft", asked.get("site"), asked.get("article_id") || asked.get("url"), form.getAttribute("action"), form.elements.parent?.value].join(" ");
  const draft = (form) => JSON.parse(lasting.get(place(form)) ?? "{}");
  const keep = (form, changes) => lasting.set(place(form), JSON.stringify({ ...draft(form), ...changes }));

  // A draft has a key from its first sending on. The same words sent twice are one post; changed words are another.
  function key(form) {
    const text = writing(form).value;
    const { sent, key: before } = draft(form);
    const now = before && sent === text ? before : crypto.randomUUID();
    keep(form, { text, sent: text, key: now });
    return now;
  }

  function restore(within) {
    for (const field of within.querySelectorAll("form[method=post] textarea[name=text]")) {
      const { text } = draft(field.form);
      if (text && (!field.value || field.value === field.defaultValue)) field.value = text;
    }
  }

  function filled(template, id) {
    const piece = template.content.cloneNode(true);
    for (const element of piece.querySelectorAll("*")) {
      for (const attribute of element.attributes) attribute.value = attribute.value.replace(/\{id\}|%7Bid%7D/g, id);
    }
    return piece;
  }

  function reply(id) {
    const template = document.getElementById("cb-reply");
    const comment = document.getElementById(`c-${id}`);
    if (!template || !comment) return false;
    let place = document.querySelector(`[data-reply-to="${id}"]`);
    if (!place) {
      place = document.createElement("div");
      place.dataset.replyTo = id;
      place.madeFrom = template.innerHTML;
      place.append(filled(template, id)); // a form, or a notice why not
      place.querySelectorAll("[name=parent]").forEach((field) => (field.value = id));
      comment.after(place);
      htmx.process(place);
      restore(place);
    }
    place.querySelector("textarea")?.focus();
    fresh();
    return true;
  }

  function press(button, yes) {
    button?.setAttribute("aria-pressed", String(yes));
    if (button) button.value = yes ? "0" : "1";
  }

  function recommended(button, { mine, all, verified }) {
    press(button, mine);
    const number = (value) => new Intl.NumberFormat(root.lang || undefined).format(value);
    for (const [selector, value] of [["b", all], ["b + span", verified]]) {
      const shown = button.querySelector(selector);
      if (shown) shown.textContent = shown.textContent.replace(/\p{Nd}[\p{Nd}.,\s]*\p{Nd}|\p{Nd}/u, number(value));
    }
  }

  function marks() {
    const told = document.getElementById("cb-mine");
    if (!told) return;
    const mine = JSON.parse(told.content.textContent);
    const viewer = mine.signed_in ? mine.tier : "nobody";
    if (root.dataset.viewer === "unverified" && viewer === "verified") tell("verified");
    root.dataset.viewer = viewer;
    follow(mine.show);
    // What reach allows to one tier only is in the public bytes twice, the verified form of it hidden.
    for (const each of document.querySelectorAll("[data-for]")) each.hidden = (each.dataset.for === "verified") !== (viewer === "verified");
    for (const id of mine.recommended ?? []) press(document.querySelector(`[formaction="/comments/${id}/recommend"]`), true);
    const muted = Object.entries(mine.muted ?? {});
    if (muted.length) import("/static/muting.js").then(({ quieten }) => muted.forEach(quieten));
    const desk = document.getElementById("cb-case");
    for (const each of desk ? document.querySelectorAll("article[id^=c-]:not([data-case])") : []) {
      each.dataset.case = "1";
      each.querySelector(".cb-acts")?.append(filled(desk, each.id.slice(2)));
    }
    const template = document.getElementById("cb-own");
    for (const [id, { edit_until: until }] of Object.entries(mine.own ?? {})) {
      const comment = document.getElementById(`c-${id}`);
      if (!template || !comment || comment.dataset.own) continue;
      comment.dataset.own = "1";
      comment.querySelector('[formaction$="/mute"]')?.parentElement.remove();
      const piece = filled(template, id);
      if (!(new Date(until) > new Date())) piece.querySelectorAll("[data-edit]").forEach((each) => each.remove());
      comment.querySelector(".cb-acts")?.append(piece);
      htmx.process(comment);
    }
  }

  function busy(form, yes) {
    form.toggleAttribute("data-busy", yes);
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", String(yes));
  }

  // Somebody else is asking now: replies that are open get that person's composer, with the words that were in them.
  function reopen() {
    const now = document.getElementById("cb-reply")?.innerHTML;
    for (const place of document.querySelectorAll("[data-reply-to]")) {
      if (place.madeFrom === now) continue;
      place.remove();
      reply(place.dataset.replyTo);
    }
  }

  // Leads to what was just posted. A guest's code stands in the form, and stays.
  let posted = null;
  async function show(form) {
    const { id, state } = posted;
    posted = null;
    if (root.dataset.viewer === "nobody") return;
    form.closest("[data-reply-to]")?.remove();
    if (state !== "published") await ask();
    else if (!document.getElementById(`c-${id}`)) await refresh();
    reveal(id);
  }

  function answered(event) {
    const link = event.target.closest("[data-reply], [data-quote]");
    const id = link?.closest("article").id.slice(2);
    if (id && reply(id)) {
      event.preventDefault();
      if ("quote" in link.dataset) import("/static/quoting.js").then(({ quote }) => quote(id));
    }
    if (!event.target.closest("[data-cancel]")) return;
    if (event.target.closest(".cb-text")) refresh();
    event.target.closest("[data-reply-to]")?.remove();
  }

  const on = (type, act) => document.addEventListener(type, (event) => act(event, event.detail));
  on("input", ({ target, data }) => {
    if (!writing(target.form) || target.name !== "text") return;
    keep(target.form, { text: target.value });
    if (data === "@") import("/static/people.js"); // runs once, and looks after itself from then on
  });
  document.addEventListener("click", answered, true); // before frame.js would follow the link
  on("htmx:configRequest", (event, { elt, formData }) => writing(elt) && formData.set("key", key(elt)));
  on("htmx:beforeRequest", (event, { elt }) => writing(elt) && busy(elt, true));
  let late = false; // the viewer's own layer came while something was being sent; its form must not go from under it
  on("htmx:beforeSwap", (event, detail) => {
    const { requestConfig: { elt }, xhr } = detail;
    if (detail.target.id === "cb-viewer" && document.querySelector("form[data-busy]")) {
      late = true;
      detail.shouldSwap = false;
    }
    if (!writing(elt) || xhr.status >= 300) return;
    lasting.drop(place(elt));
    elt.reset();
  });
  on("htmx:afterRequest", (event, { requestConfig: { elt } }) => {
    if (!writing(elt)) return;
    busy(elt, false);
    if (posted) show(elt);
    if (late) ask();
    late = false;
  });
  on("htmx:afterSettle", ({ target }) => {
    restore(target);
    if (target.querySelector("#cb-mine")) reopen();
    marks();
  });
  const again = (event) => event.target.hasAttribute("data-busy") && (event.preventDefault(), event.stopPropagation());
  document.addEventListener("submit", again, true); // before htmx, which would send it once more afterwards
  on("cb:posted", (event, { id, state }) => {
    posted = { id, state };
    tell("posted", posted);
  });
  on("cb:recommended", (event, detail) => recommended(event.target, detail));
  for (const type of ["cb:edited", "cb:withdrawn"]) on(type, () => refresh().then(ask));
  on("cb:muted", ask);
  restore(document);
  marks();
})();
