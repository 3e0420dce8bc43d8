// Trying a look on, at the desk: what is chosen shows at once in the frame beside the form, with its contrasts. Without this
// file the Preview button does the same. What it expects:
//   form[data-look] (its fields by GET give the same page) · #look-said · iframe#look-frame · input[data-colour="#theme's own"]
(() => {
  const PAUSE_MS = 250;
  const form = document.querySelector("form[data-look]");
  const frame = document.getElementById("look-frame");
  let timer, turn = 0;

  async function show() {
    const mine = (turn += 1);
    const answer = await fetch(`${form.action}?${new URLSearchParams(new FormData(form))}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.getElementById("look-said");
    if (mine !== turn || !said) return;
    const open = document.querySelector("#look-said details").open;
    document.getElementById("look-said").replaceChildren(...said.childNodes); // the region stays, and so is read out
    document.querySelector("#look-said details").open = open;
    for (const each of page.querySelectorAll("[data-colour]")) theme(form.elements[each.name], each.dataset.colour);
    const { src } = page.getElementById("look-frame");
    if (frame.src !== src) frame.src = src;
  }

  function theme(field, colour) {
    field.placeholder = field.dataset.colour = colour;
    pick(field);
  }

  // Beside each field the browser's own way to pick a colour; the field is what counts.
  const pick = (field) => (field.nextElementSibling.value = /^#?[\da-f]{6}$/i.test(field.value) ? `#${field.value.replace("#", "")}` : field.dataset.colour);
  for (const field of form.querySelectorAll("[data-colour]")) {
    const picker = Object.assign(document.createElement("input"), { type: "color" });
    picker.setAttribute("aria-label", field.labels[0].textContent);
    picker.addEventListener("input", () => (field.value = picker.value));
    field.after(picker);
    pick(field);
    field.addEventListener("input", () => pick(field));
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  });
})();
