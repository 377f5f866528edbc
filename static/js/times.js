// Puts every time[data-show] into the zone of the reader, in the language of the page.
(() => {
  "use strict";
  const page = document.documentElement.lang;
  const tongue = (code) => code.split("-")[0];
  // Of the reader's languages the one of the page: it knows how dates are written where they live.
  const language = navigator.languages.find((code) => tongue(code) === tongue(page)) ?? page;
  const DAY = { year: "numeric", month: "short", day: "numeric" };
  const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const word = (moment, parts) => new Intl.DateTimeFormat(language, parts).format(moment);
  const isToday = (moment) => word(moment, DAY) === word(Date.now(), DAY);

  function tell(time) {
    const moment = new Date(time.dateTime);
    const full = word(moment, { ...DAY, ...CLOCK });
    const { show } = time.dataset;
    if (show === "ago") time.title = full;
    else if (show === "full" || !isToday(moment)) time.textContent = full;
    else time.textContent = word(moment, show === "seconds" ? { ...CLOCK, second: "2-digit" } : CLOCK);
  }

  const every = (root) => root.querySelectorAll?.("time[data-show]").forEach(tell);
  every(document);
  // What htmx and other scripts put there later.
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach((node) => every(node.parentNode ?? node));
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
