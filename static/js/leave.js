// Asks before a changed form marked data-warn-leave is left. A "saved" event on the form calms it.
(() => {
  "use strict";
  const changed = new Set();
  const calm = (event) => changed.delete(event.target);

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-warn-leave]")) changed.add(form);
  });
  document.addEventListener("submit", calm);
  document.addEventListener("saved", calm);
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
})();
