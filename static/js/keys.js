// Hotkeys. An element says its key with data-key; a [data-key-scope] around the focus comes first.
(() => {
  "use strict";
  const OFF = "touchstone-keys-off";
  const FIELD = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])";
  const PRESSABLE = "button, a[href], summary, input[type=radio], input[type=checkbox]";
  let requests = 0;
  let submitted = false;

  const polls = (element) => /\bevery\b/.test(element?.getAttribute?.("hx-trigger") ?? "");
  const count = (step) => (event) => {
    if (!polls(event.detail.elt)) requests = Math.max(0, requests + step);
  };
  document.addEventListener("htmx:beforeRequest", count(1));
  document.addEventListener("htmx:afterRequest", count(-1));
  window.addEventListener("pageshow", () => { submitted = false; });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "dialog") return;
    if (submitted) return event.preventDefault();
    submitted = true;
    setTimeout(() => { submitted = false; }, 8000); // a form that answers with a file never leaves the page
  });

  const usable = (element) => !element.matches(":disabled") && element.checkVisibility?.() !== false;

  function named(key) {
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(usable);
    const scope = document.activeElement?.closest("[data-key-scope]");
    const free = (element) => !element.parentElement?.closest("[data-key-scope]");
    return found.find((element) => scope && scope !== element && scope.contains(element))
      ?? found.find(free) ?? found[0];
  }

  function press(element) {
    element.focus();
    if (element.matches(PRESSABLE)) element.click();
  }

  function submitMain(event) {
    const form = event.target.closest?.("form[data-main-form]") ?? document.querySelector("form[data-main-form]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-main-submit], button.primary:not([type=button])"));
  }

  function wording(element) {
    const source = document.getElementById(element.getAttribute("aria-labelledby")) ?? element.labels?.[0] ?? element;
    const copy = source.cloneNode(true);
    copy.querySelectorAll("kbd, .visually-hidden").forEach((part) => part.remove());
    return element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? copy.textContent.trim();
  }

  function openSheet() {
    const sheet = document.getElementById("keys-help");
    if (!sheet || sheet.open) return;
    const rows = new Map();
    for (const element of document.querySelectorAll("[data-key]")) {
      if (element.dataset.key === "?" || !usable(element)) continue;
      rows.set(element.dataset.key, (rows.get(element.dataset.key) ?? new Set()).add(wording(element)));
    }
    sheet.querySelector("[data-keys-list]").replaceChildren(...[...rows].flatMap(([key, words]) => {
      const term = document.createElement("dt");
      const keycap = document.createElement("kbd");
      const meaning = document.createElement("dd");
      keycap.textContent = key;
      meaning.textContent = [...words].join(" / ");
      term.append(keycap);
      return [term, meaning];
    }));
    const main = document.querySelector("form[data-main-form]");
    sheet.querySelectorAll("[data-keys-main]").forEach((part) => { part.hidden = !main; });
    sheet.querySelector("[data-keys-switch]").checked = !localStorage.getItem(OFF);
    sheet.showModal();
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    event.target.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1");
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-help]")) openSheet();
  });

  document.addEventListener("keydown", (event) => {
    const busy = requests > 0 || submitted;
    if (event.defaultPrevented || event.isComposing || event.repeat || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return busy ? undefined : submitMain(event);
    if (event.ctrlKey || event.metaKey || event.altKey || busy) return;
    if (event.target.matches?.(FIELD)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (localStorage.getItem(OFF)) return;
    if (event.key === "?" || event.key === "？") return openSheet();
    const element = named(event.key.toLowerCase());
    if (!element) return;
    event.preventDefault();
    press(element);
  });
})();
