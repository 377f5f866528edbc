// What the scripts of a seat share: its form, how it is sent, and how it is told that it was not.
(() => {
  "use strict";
  window.seat = null;
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const PATIENCE = 30_000; // milliseconds
  const signIn = document.querySelector("meta[name=sign-in]")?.content;

  class Unsent extends Error {
    constructor(why, words = "") {
      super(words);
      this.why = why;
    }
  }

  async function ask(address, options) {
    let answer;
    try {
      answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE), ...options });
    } catch {
      throw new Unsent("unreachable");
    }
    if (answer.redirected && new URL(answer.url).pathname === signIn) throw new Unsent("signed-out");
    if (answer.status >= 500) throw new Unsent("unreachable");
    return answer;
  }

  // Signing in again, in whatever tab, makes the token of this page worthless.
  async function renewToken() {
    const answer = await ask(form.action);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!answer.ok || !token) throw new Unsent("refused");
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
  }

  // Sends the form as it stands; the answer is the site's yes, or the page to show instead (422).
  async function post(address, more = {}, options = {}) {
    const send = () => ask(address, {
      method: "POST",
      body: new URLSearchParams([...new FormData(form), ...Object.entries(more)]),
      headers: { "HX-Request": "true" },
      ...options,
    });
    let answer = await send();
    if (answer.status === 403) {
      await renewToken();
      answer = await send();
    }
    if (answer.headers.has("HX-Retarget")) throw new Unsent("told", words(await answer.text()));
    if (!answer.ok && answer.status !== 422) throw new Unsent("refused");
    return answer;
  }

  function parsed(html) {
    const answer = document.createElement("template");
    answer.innerHTML = html;
    return answer.content;
  }

  const words = (html) => parsed(html).textContent.trim().replace(/\s+/g, " ");

  // Puts each part of an answer in the place of what has its id.
  function place(html) {
    for (const part of parsed(html).querySelectorAll("[id]")) {
      const old = document.getElementById(part.id);
      if (!old || old.isEqualNode(part)) continue;
      const fresh = part.cloneNode(true);
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
    }
  }

  // Says in the place with this id why nothing was saved, or nothing submitted.
  function say(id, { why = "unreachable", message = "" } = {}) {
    const place = document.getElementById(id);
    if (!form.isConnected || !place) return;
    const submit = document.getElementById("send-state");
    if (place !== submit && submit?.hasChildNodes()) return place.replaceChildren(); // once is enough
    const told = document.querySelector(`template[data-for="${id}"][data-why="${why}"]`);
    place.replaceChildren(told ? told.content.cloneNode(true) : message);
  }

  window.seat = { form, post, place, say, sending: false, next: null };
})();
