// Blocks, on purpose: the first script in the head of a thread. Where the address does not say what to show, it is replaced
// by one that says what this reader chose before, so that nothing unwanted is painted and the bytes stay the same for all.
// What it chose by memory says so (`kept`): the account's choice wins over that, and never over a link's.
// Where a browser blocks storage in a frame, what crumb.js wrote into a cookie must do; frame.js is handed it.
(() => {
  const url = new URL(location.href);
  const { show } = document.documentElement.dataset; // a window of ours, signed in: the account's choice, applied already
  let changed = false;
  let kept;
  try {
    kept = localStorage;
  } catch {
    kept = JSON.parse(decodeURIComponent(/\bcb-kept=([^;]*)/.exec(document.cookie)?.[1] ?? "{}"));
    globalThis.commentbox = { kept };
  }
  if (show) kept["commentbox.show"] = show;
  for (const name of ["show", "sort"]) {
    const chosen = kept[`commentbox.${name}`];
    if (!/^[a-z]+$/.test(chosen) || !chosen || url.searchParams.has(name) || (show && name === "show")) continue;
    url.searchParams.set(name, chosen);
    if (name === "show") url.searchParams.set("kept", 1);
    changed = true;
  }
  if (changed) location.replace(url);
})();
