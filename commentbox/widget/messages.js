// The only messages that cross a window's edge, and the one check of them: origin, source, version, name and fields.
// The server sends this file in front of loader.js, as one file; pages in the frame and the sign-in window load it by itself.
// A message is {commentbox: 1, name, …}. Nothing private is ever in one that goes to the paper.
(() => {
  const whole = (value) => Number.isInteger(value) && value >= 0 && value < 1e8;
  const word = (value) => typeof value === "string" && /^[\w.-]{1,120}$/.test(value);

  // to whom -> name -> field -> is it well made?
  const known = {
    paper: {
      ready: {},
      refused: { code: word },
      height: { height: whole },
      count: { total: whole, verified: whole },
      posted: { id: word, state: word },
      verified: {},
      scrollto: { top: whole, again: whole },
    },
    frame: { goto: { comment: word } },
    opener: { code: { code: word }, verified: {} },
  };

  // Asked so, because <div id="commentbox"> is a window.commentbox as well until there is a real one.
  if (!Object.hasOwn(globalThis, "commentbox")) globalThis.commentbox = {};
  // sso.js and login.js, which few papers need, add their own to what is known.
  commentbox.messages = {
    known,
    send: (target, origin, name, fields) => target.postMessage({ ...fields, commentbox: 1, name }, origin),

    // Gives the message if `event` brings one to `whom`, from the window `source` at `origin`; else nothing.
    read({ data, origin, source }, whom, expected) {
      if (!source || source !== expected.source || origin !== expected.origin) return;
      if (data?.commentbox !== 1 || !Object.hasOwn(known[whom], data.name)) return;
      const fields = Object.entries(known[whom][data.name]);
      if (fields.every(([field, fits]) => fits(data[field]))) return data;
    },
  };
})();
