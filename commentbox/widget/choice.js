// Blocks, on purpose: the first script in the head of a thread. Where the address does not say what to show, it is replaced
// by one that says what this reader chose before, so that nothing unwanted is painted and the bytes stay the same for all.
(() => {
  const url = new URL(location.href);
  let changed = false;
  for (const name of ["show", "sort"]) {
    let chosen = null;
    try {
      chosen = localStorage.getItem(`commentbox.${name}`);
    } catch {
      return; // storage is blocked: nothing was remembered
    }
    if (chosen && /^[a-z]+$/.test(chosen) && !url.searchParams.has(name)) {
      url.searchParams.set(name, chosen);
      changed = true;
    }
  }
  if (changed) location.replace(url);
})();
