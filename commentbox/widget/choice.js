// Blocks, on purpose: the first script in the head of a thread. Where the address does not say what to show, it is replaced
// by one that says what this reader chose before, so that nothing unwanted is painted and the bytes stay the same for all.
// What it chose by memory says so (`kept`): the account's choice wins over that, and never over a link's.
(() => {
  const url = new URL(location.href);
  const { show } = document.documentElement.dataset; // a window of ours, signed in: the account's choice, applied already
  let changed = false;
  try {
    if (show) localStorage.setItem("commentbox.show", show);
    for (const name of ["show", "sort"]) {
      const chosen = localStorage.getItem(`commentbox.${name}`);
      if (!chosen || !/^[a-z]+$/.test(chosen) || url.searchParams.has(name) || (show && name === "show")) continue;
      url.searchParams.set(name, chosen);
      if (name === "show") url.searchParams.set("kept", 1);
      changed = true;
    }
  } catch {
    return; // storage is blocked: nothing was remembered
  }
  if (changed) location.replace(url);
})();
