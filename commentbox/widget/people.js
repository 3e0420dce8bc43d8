// Picking whom to mention, loaded when somebody types "@" in a comment. The thread's people are asked for once; what is
// picked is written into the text as "@Name", which works as well if it is typed. What it expects:
//   textarea[name=text] in a form whose hidden fields name the article (site, url, article_id, show, lang)
const MOST = 6; // names shown at a time
const asked = new Map(); // form's article -> its people, on the way or there

function people(form) {
  const fields = new URLSearchParams();
  for (const name of ["site", "url", "article_id", "show", "lang"]) {
    if (form.elements[name]?.value) fields.set(name, form.elements[name].value);
  }
  const key = String(fields);
  if (!asked.has(key)) asked.set(key, fetch(`/embed/people?${key}`).then((answer) => (answer.ok ? answer.json() : [])).catch(() => []));
  return asked.get(key);
}

// The "@" the caret is behind, and what was typed after it; nothing where there is none.
function begun(field) {
  const found = /(?:^|[\s(])@([^@\n]{0,40})$/.exec(field.value.slice(0, field.selectionStart));
  return found && { at: field.selectionStart - found[1].length, typed: found[1].toLocaleLowerCase() };
}

function close(field) {
  field.form.querySelector(".cb-people")?.remove();
}

function pick(field, name) {
  const { at } = begun(field) ?? { at: field.selectionStart };
  field.setRangeText(`${name} `, at, field.selectionStart, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  close(field);
}

async function offer(field) {
  const now = begun(field);
  const all = now ? await people(field.form) : [];
  const fitting = all.filter(({ name }) => name.toLocaleLowerCase().startsWith(now.typed) && name.length > now.typed.length);
  close(field);
  if (!fitting.length || begun(field)?.at !== now.at) return;
  const list = document.createElement("ul");
  list.className = "cb-people cb-menu-list";
  for (const { name, badge } of fitting.slice(0, MOST)) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "cb-link" });
    const shown = Object.assign(document.createElement("bdi"), { textContent: name });
    button.append(shown, ` · ${badge}`);
    button.addEventListener("click", () => pick(field, name));
    list.append(Object.assign(document.createElement("li"), {}));
    list.lastChild.append(button);
  }
  field.after(list);
}

function steer(event) {
  const list = event.target.form?.querySelector(".cb-people") ?? event.target.closest?.(".cb-people");
  if (!list) return;
  const buttons = [...list.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const field = list.closest("form").elements.text;
  const to = { ArrowDown: buttons[at + 1] ?? buttons[0], ArrowUp: at > 0 ? buttons[at - 1] : field }[event.key];
  if (event.key === "Escape") close(field);
  if (event.key === "Escape" || (at >= 0 && to === field)) field.focus();
  else if (to && (at >= 0 || event.key === "ArrowDown")) to.focus();
  else return;
  event.preventDefault();
  event.stopPropagation(); // Escape closes the names first, and only them
}

const writes = ({ target }) => target.matches?.("form[method=post] textarea[name=text]");
document.addEventListener("input", (event) => writes(event) && offer(event.target));
document.addEventListener("keydown", steer, true);
if (writes({ target: document.activeElement })) offer(document.activeElement);
