// On the page that answers in the frame's place when a thread cannot be shown: tells the loader why, by the code on the page.
// messages.js is loaded before. It expects [data-code="site.unknown"] and the paper's origin behind the #, as in frame.js.
(() => {
  const code = document.querySelector("[data-code]")?.dataset.code;
  const paper = decodeURIComponent(location.hash.slice(1));
  if (code && parent !== window && /^https?:\/\/[^/]+$/.test(paper)) {
    globalThis.commentbox.messages.send(parent, paper, "refused", { code });
  }
})();
