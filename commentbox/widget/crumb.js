// Fetched by frame.js where the browser blocks storage in a frame: what is to last is written into a cookie that only this
// paper's frame gets (Partitioned), that is sent with this page alone, and at which the server does not look. choice.js reads
// it. It is short: what does not fit, the latest begun first, lasts as long as the page, as everything does where there is no cookie.
(() => {
  const box = globalThis.commentbox;
  const LONGEST = 3800; // browsers keep 4,096 bytes with the name
  const LASTING = /^commentbox\.(show|sort|draft )/; // no session, and no list of what was read
  const ATTRIBUTES = "Path=/embed/thread; Secure; SameSite=None; Partitioned; Max-Age=31536000";

  const written = (some) => encodeURIComponent(JSON.stringify(some));
  let before = "";
  box.spill = () => {
    let some = {};
    for (const [key, value] of Object.entries(box.kept).reverse()) {
      const more = { [key]: value, ...some };
      if (LASTING.test(key) && written(more).length < LONGEST) some = more;
    }
    if (written(some) === before) return;
    before = written(some);
    document.cookie = `cb-kept=${before}; ${ATTRIBUTES}`;
  };
  box.spill();
})();
