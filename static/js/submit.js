// Submits the form of a seat without leaving the page before the site has said yes.
//
// The page fetched ahead is shown only when the submit has brought the lease of that very seat.
(() => {
  "use strict";
  const { seat, kept } = window;
  if (!seat) return;
  const { form } = seat;
  const here = location.pathname;

  function show(html, address) {
    if (address) history.pushState(null, "", address);
    document.open("text/html");
    document.write(html);
    document.close();
  }

  function showNext({ address, key, parts }) {
    kept.drop(form.dataset.seat);
    show(seat.next.html, address);
    document.querySelectorAll("[name=key]").forEach((field) => { field.value = key; });
    seat.place(parts);
  }

  function goOn(address) {
    const back = new URL(address, location.href).pathname === here;
    if (!back) kept.drop(form.dataset.seat); // back here, the page itself compares
    location.assign(address);
  }

  function resume() {
    seat.sending = false;
    form.dispatchEvent(new Event("resume"));
  }

  async function send(button) {
    const aside = button?.hasAttribute("formaction"); // to save the draft, to give back
    const more = seat.next && !aside ? { ahead: seat.next.id } : {};
    const answer = await seat.post(aside ? button.formAction : form.action, more);
    const onward = answer.headers.get("HX-Redirect") ?? (answer.redirected ? answer.url : null);
    if (onward) return goOn(onward);
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) return showNext(await answer.json());
    const html = await answer.text();
    if (!aside || !answer.ok) return show(html);
    seat.place(html);
    resume();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (seat.sending) return;
    seat.sending = true;
    document.getElementById("send-state")?.replaceChildren();
    send(event.submitter).catch((error) => {
      // The same form again is the same judgement, so pressing again is safe after any failure.
      if (error instanceof SyntaxError) return form.submit();
      seat.say("send-state", error);
      resume();
    });
  });
  // A page that was shown without being loaded is behind its address after going back.
  window.addEventListener("popstate", () => { if (location.pathname !== here) location.reload(); });
  window.addEventListener("pageshow", () => { seat.sending = false; });
})();
