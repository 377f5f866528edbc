// Keeps what is typed into form[data-autosave]: every few seconds while it changes, and on leaving.
(() => {
  "use strict";
  const EVERY = 3000; // milliseconds
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  let changed = false;
  let timer = 0;
  let submitted = false;

  const post = (options) => fetch(form.dataset.autosave, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "HX-Request": "true" },
    ...options,
  });

  function place(html) {
    const answer = document.createElement("template");
    answer.innerHTML = html;
    for (const part of answer.content.querySelectorAll("[id]")) {
      document.getElementById(part.id)?.replaceWith(part.cloneNode(true));
    }
  }

  function fail() {
    const state = document.getElementById("save-state");
    if (state) state.textContent = form.dataset.unsaved;
    form.dataset.warnLeave = "";
    changed = true;
  }

  async function save(options = {}) {
    clearTimeout(timer);
    timer = 0;
    if (!changed || submitted) return;
    changed = false;
    try {
      const answer = await post(options);
      if (!answer.ok || answer.redirected) return fail();
      place(await answer.text());
      if (changed) return;
      delete form.dataset.warnLeave;
      form.dispatchEvent(new Event("saved", { bubbles: true }));
    } catch {
      fail();
    }
  }

  const leave = () => save({ keepalive: true }); // outlives the page

  form.addEventListener("input", () => {
    changed = true;
    timer ||= setTimeout(save, EVERY);
  });
  form.addEventListener("paste", (event) => {
    if (event.target.matches("[data-watch-paste]")) form.elements.pasted.value = "yes";
  });
  document.addEventListener("submit", (event) => { submitted = !event.defaultPrevented; });
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", () => { submitted = false; });
})();
