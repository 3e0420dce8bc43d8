// Passkeys on our own top-level pages (sign-up, sign-in, verify, account, desk); never in the frame. What it expects:
//   <form method="post" data-passkey="create|get" data-options-url="/…/options">
//     the form's own fields are posted to data-options-url, which answers with the options as JSON (WebAuthn's own form) or with
//     {"error": {"message": …}}; the passkey's answer goes as JSON into the field `credential`, then the form is sent as it is
//     <p data-passkey-problem role="alert" hidden></p>   a refusal of data-options-url, in the server's words
//     <p data-passkey-cancelled role="alert" hidden>…</p> the reader, or time, broke it off
//     <p data-passkey-failed role="alert" hidden>…</p>    anything else
//     <p data-passkey-missing hidden>…</p>                this browser has no passkeys; the buttons are switched off
//   An <input autocomplete="username webauthn"> in a form of kind "get" lets the browser offer its passkeys there at once; what
//   holds it, [data-passkey-offer][hidden], is shown where the browser can do that.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const base64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

  // parse…FromJSON and toJSON are younger than passkeys: some browsers in use lack them.
  const listed = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));
  const readable = {
    create: (options) => ({
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    }),
    get: (options) => ({ ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) ?? [] }),
  };

  function written({ id, rawId, type, response, authenticatorAttachment }) {
    const said = { clientDataJSON: base64url(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) said[part] = base64url(response[part]);
    }
    if (response.getTransports) said.transports = response.getTransports();
    return { id, rawId: base64url(rawId), type, authenticatorAttachment, response: said, clientExtensionResults: {} };
  }

  const parts = ["problem", "cancelled", "failed", "missing"];
  function say(form, part, text) {
    for (const each of parts) form.querySelector(`[data-passkey-${each}]`)?.toggleAttribute("hidden", each !== part);
    const shown = form.querySelector(`[data-passkey-${part}]`);
    if (shown && text) shown.textContent = text;
  }

  async function options(form) {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.optionsUrl, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(told.error.code), { told: told.error.message });
    return readable[form.dataset.passkey](told.publicKey ?? told);
  }

  let waiting = new AbortController(); // the browser's standing offer; a page may have one question open at a time
  async function ask(form, more) {
    const publicKey = await options(form);
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey, ...more });
    const field = form.elements.credential ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "credential" }));
    field.value = JSON.stringify(written(credential));
    form.submit();
  }

  async function submitted(event) {
    const form = event.target;
    if (!form.matches("form[data-passkey]")) return;
    event.preventDefault();
    if (form.hasAttribute("data-busy")) return;
    form.setAttribute("data-busy", "");
    say(form);
    waiting.abort();
    try {
      await ask(form, {});
    } catch (error) {
      if (error.told) say(form, "problem", error.told);
      else say(form, error.name === "NotAllowedError" || error.name === "AbortError" ? "cancelled" : "failed");
      console.info(`commentbox: passkey: ${error.name}: ${error.message}`);
    }
    form.removeAttribute("data-busy");
  }

  const OFFER_MS = 240_000; // the server waits five minutes for an answer
  const MOST_OFFERS = 15; // an hour; then the button is still there
  async function offer(form) {
    if (!form.querySelector('[autocomplete~="webauthn"]')) return;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    form.querySelector("[data-passkey-offer]")?.removeAttribute("hidden");
    let old = true;
    for (let made = 0; old && made < MOST_OFFERS; made += 1) {
      const mine = (waiting = new AbortController());
      old = false;
      const timer = setTimeout(() => ((old = true), mine.abort()), OFFER_MS);
      await ask(form, { mediation: "conditional", signal: mine.signal }).catch(() => {});
      clearTimeout(timer);
    }
  }

  document.addEventListener("submit", submitted);
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (window.PublicKeyCredential && navigator.credentials) {
      if (form.dataset.passkey === "get") offer(form);
      continue;
    }
    say(form, "missing");
    for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
  }
})();
