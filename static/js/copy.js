// Copies data-copy to the clipboard and says so on the button for a moment.
(() => {
  "use strict";
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || button.dataset.was) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.dataset.was = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = button.dataset.was;
      delete button.dataset.was;
    }, 1500);
  });
})();
