// Keeps what is typed on a seat in this tab until the site has confirmed it: for one person, for one
// working day, and no longer than until they sign out.
(() => {
  "use strict";
  const PREFIX = "touchstone-typed-";
  const LONGEST = 12 * 3600 * 1000; // milliseconds, as long as a session
  const OURS = ["csrfmiddlewaretoken", "key", "guideline", "version", "pasted"]; // fields nobody types into
  const person = document.querySelector("meta[name=person]")?.content;
  const names = () => Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
  const of = (seat) => JSON.parse(sessionStorage.getItem(PREFIX + seat));
  const drop = (seat) => sessionStorage.removeItem(PREFIX + seat);
  const typed = (fields) => JSON.stringify(fields.filter(([name]) => !OURS.includes(name)).sort());

  for (const name of names()) {
    const { person: writer, at } = JSON.parse(sessionStorage.getItem(name));
    if ((person && writer !== person) || Date.now() - at > LONGEST) sessionStorage.removeItem(name);
  }

  function put(seat, form) {
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    try {
      sessionStorage.setItem(PREFIX + seat, JSON.stringify({ person, at: Date.now(), fields }));
    } catch {
      drop(seat); // no room: an older text would only mislead
    }
  }

  function offer(place) {
    const seat = place.dataset.kept;
    const main = document.querySelector("form[data-autosave]");
    if ("over" in place.dataset) drop(seat);
    const kept = of(seat);
    if (!kept) return;
    const same = main && typed([...new FormData(main)]) === typed(kept.fields);
    if (same && "saved" in main.dataset) drop(seat);
    if (same) return;
    const form = place.querySelector("form");
    for (const [name, value] of kept.fields) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.append(field);
    }
    const texts = kept.fields.filter(([name, value]) => value && /(text|note|reason)$/.test(name));
    place.querySelector(".text").textContent = texts.map(([, value]) => value).join("\n\n");
    place.hidden = false;
    place.querySelector("[type=button]").addEventListener("click", () => {
      drop(seat);
      place.hidden = true;
    });
  }

  document.querySelectorAll("[data-kept]").forEach(offer);
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) names().forEach((name) => sessionStorage.removeItem(name));
  });
  window.kept = { put, drop };
})();
