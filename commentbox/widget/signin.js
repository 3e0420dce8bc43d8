// The end of signing in, in the window that the frame opened: brings the code home, or shows where the characters go.
// messages.js is loaded before. What it expects of the page, which is the answer to "Continue as X on paper.example":
//   <meta name="cb-code" content="CODE">   a code for the frame that began this, and for nobody else
//   <meta name="cb-verified" content="1">  something new about this account, worth asking for again
//   #cb-characters                         the form for the six characters, with its warning; shown where no script runs, too
//   #cb-done[hidden]                       "You can close this window."
(() => {
  const { messages } = globalThis.commentbox;
  const CLOSE_MS = 1000; // the frame closes us when it has heard; this is for when it could not
  const said = (name) => document.querySelector(`meta[name="${name}"]`)?.content;
  const toggle = (id, shown) => document.getElementById(id)?.toggleAttribute("hidden", !shown);

  // Only a window of our own origin is the frame. A foreign one throws, a lost one is null.
  function frame() {
    try {
      return window.opener?.location.origin === location.origin ? window.opener : null;
    } catch {
      return null;
    }
  }

  const code = said("cb-code");
  const opener = frame();
  if (opener && said("cb-verified")) messages.send(opener, location.origin, "verified");
  if (!code || !opener) return;
  toggle("cb-characters", false);
  toggle("cb-done", true);
  messages.send(opener, location.origin, "code", { code });
  setTimeout(() => window.close(), CLOSE_MS);
})();
