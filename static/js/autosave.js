// Keeps what is typed on a seat: every few seconds while it changes, on leaving, and on coming back.
(() => {
  "use strict";
  const EVERY = 3000; // milliseconds
  const { seat, kept } = window;
  if (!seat) return;
  const { form } = seat;
  let changed = false;
  let failed = false;
  let left = false;
  let timer = 0;

  async function save(options = {}) {
    clearTimeout(timer);
    timer = 0;
    if (!changed || left || seat.sending || !form.isConnected) return;
    changed = false;
    try {
      const answer = await seat.post(form.dataset.autosave, {}, options);
      const html = await answer.text();
      if (!form.isConnected) return;
      failed = false;
      seat.place(html);
      if (changed) return;
      kept.drop(form.dataset.seat);
      form.dispatchEvent(new Event("saved", { bubbles: true }));
    } catch (error) {
      changed = failed = true;
      seat.say("save-state", error);
    }
  }

  function note() {
    changed = true;
    kept.put(form.dataset.seat, form);
    timer ||= setTimeout(save, EVERY);
  }

  const leave = () => save({ keepalive: true, signal: null }); // outlives the page

  form.addEventListener("input", note);
  form.addEventListener("resume", note);
  form.addEventListener("paste", (event) => {
    if (event.target.matches("[data-watch-paste]")) form.elements.pasted.value = "yes";
  });
  document.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    if (event.target.matches("[data-sign-out]") && changed) {
      event.preventDefault(); // what was typed last is saved first
      await save();
      failed = false;
      event.target.submit();
    } else if (event.target.action.startsWith(form.action)) {
      left = true; // what was typed is sent with it, or not wanted any more
      if (event.target.matches("[data-skip]")) kept.drop(form.dataset.seat);
    }
  });
  document.addEventListener("visibilitychange", () => document.hidden ? leave() : save());
  window.addEventListener("online", () => save());
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", () => { left = false; });
  window.addEventListener("beforeunload", (event) => {
    if (failed && !left && !seat.sending && form.isConnected) event.preventDefault();
  });
})();
