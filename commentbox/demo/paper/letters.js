// The letters page as a single-page application would do it: threads come and go without a page load.
// The buttons wait for the loader, which may arrive before or after this file.
(() => {
  const { site, page } = document.currentScript.dataset;
  const buttons = [...document.querySelectorAll("[data-letter]")];

  const toggle = (button) => {
    const slot = document.getElementById(button.getAttribute("aria-controls"));
    const open = button.getAttribute("aria-expanded") === "true";
    const id = button.dataset.letter;
    if (open) window.commentbox.unmount(slot);
    else window.commentbox.mount(slot, { site, articleId: id, url: `${page}?letter=${id}` });
    button.setAttribute("aria-expanded", String(!open));
    button.textContent = open ? "Open the conversation" : "Put the conversation away";
  };

  const ready = () => {
    if (!window.commentbox) return void setTimeout(ready, 50);
    for (const button of buttons) {
      button.disabled = false;
      button.addEventListener("click", () => toggle(button));
    }
  };
  ready();
})();
