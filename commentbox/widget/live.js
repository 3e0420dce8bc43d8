// Keeps one stream open while the thread is being looked at, and none otherwise. frame.js fetches this once the comments are
// seen; news.js, which shows what came, is fetched with the first thing there is to show. What it expects:
//   #cb-live[data-query][data-news]   made anew with the public layer, which is then followed from how things stand
//   /embed/stream                     (docs/architecture.md, "Live")
(() => {
  const SILENCE_MS = 35_000; // the stream says something every 15 seconds; if it does not, a proxy is keeping it
  const live = { last: 0 }; // the position reached
  let source, timer;

  const told = (facts, left) => import(live.spot.dataset.news).then((news) => news.hear(live, facts, left));
  const poll = () => import(live.spot.dataset.news).then((news) => news.poll(live));

  function hear(facts) {
    const { total, verified } = document.getElementById("comments").dataset;
    const nothing = facts.kind === "at" ? !live.left && facts.total == total && facts.verified == verified : facts.kind === "beat";
    if (!nothing || facts.readers || live.readers) told(facts, live.left);
    if ("readers" in facts) live.readers = facts.readers;
    live.left = false;
    live.begun = true;
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(poll, SILENCE_MS);
  }

  function stop() {
    source?.close();
    clearTimeout(timer);
    live.turn = {}; // what was begun before is out of date
  }

  function listen() {
    stop();
    if (document.hidden) return;
    live.left = live.begun;
    source = new EventSource(`/embed/stream?${live.query}&since=${live.last}`);
    source.onmessage = ({ data, lastEventId }) => {
      wait();
      live.last = lastEventId || live.last;
      hear(JSON.parse(data));
    };
    source.onerror = ({ target }) => target.readyState === 2 && poll();
    wait();
  }

  function begin() {
    const spot = document.getElementById("cb-live");
    if (spot === live.spot) return;
    Object.assign(live, { spot, query: spot.dataset.query, last: 0, begun: false, stop, hear });
    listen();
  }

  document.addEventListener("htmx:afterSettle", begin);
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", ({ persisted }) => persisted && listen());
  begin();
})();
