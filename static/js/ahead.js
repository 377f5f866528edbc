// Fetches the page of the next seat while this one is judged; submit.js shows it.
(() => {
  "use strict";
  const WAIT = 1000; // milliseconds, so that the page at hand comes first
  const { seat } = window;
  if (!seat?.form.dataset.ahead) return;

  setTimeout(async () => {
    if (!seat.form.isConnected) return;
    try {
      const answer = await fetch(seat.form.dataset.ahead, { headers: { Accept: "text/html" } });
      const id = answer.headers.get("X-Seat");
      if (answer.ok && id) seat.next = { id, html: await answer.text() };
    } catch {
      seat.next = null;
    }
  }, WAIT);
})();
