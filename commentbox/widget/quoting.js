// Puts a comment's words into the reply below it that is open. Fetched by compose.js with the first quotation.
// What is folded away is not in the rendered words, so no quotation tells it.
export function quote(id) {
  const said = document.querySelector(`#c-${id} .cb-text`).innerText.trim();
  const field = document.querySelector(`[data-reply-to="${id}"] textarea`);
  if (!field) return;
  field.value += said.replace(/^/gm, "> ") + "\n\n";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
