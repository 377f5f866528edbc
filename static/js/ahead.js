// Fetches the page of the next seat while this one is judged. It is shown only when the submit has
// brought the lease of that very seat; otherwise, and whenever something is odd, the usual way is gone.
(() => {
  "use strict";
  const WAIT = 1000; // milliseconds, so that the page at hand comes first
  const form = document.querySelector("form[data-ahead]");
  if (!form) return;
  let next = null;
  let sending = false;

  setTimeout(async () => {
    try {
      const answer = await fetch(form.dataset.ahead, { headers: { Accept: "text/html" } });
      const seat = answer.headers.get("X-Seat");
      if (answer.ok && seat) next = { seat, html: await answer.text() };
    } catch {
      next = null;
    }
  }, WAIT);

  function show(html, address) {
    if (address) history.pushState(null, "", address);
    document.open("text/html");
    document.write(html);
    document.close();
  }

  async function send() {
    const body = new URLSearchParams(new FormData(form));
    body.set("ahead", next.seat);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.redirected) return location.assign(answer.url);
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return show(await answer.text());
    const { address, key, messages } = await answer.json();
    const html = next.html
      .replace(new RegExp(`\\b${next.seat}\\.0\\b`, "g"), key)
      .replace('<div id="messages"></div>', () => messages);
    show(html, address);
  }

  form.addEventListener("submit", (event) => {
    if (!next || sending || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    sending = true;
    // The same form again is the same judgement, so the usual way is safe after any failure.
    send().catch(() => form.submit());
  });
})();
