// Says aloud what htmx would keep to itself: a request that failed, or a session that ended.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  const polls = (element) => /\bevery\b/.test(element?.getAttribute?.("hx-trigger") ?? "");

  function show(id) {
    const template = document.getElementById(id);
    const region = document.getElementById("messages");
    if (!template || !region) return;
    region.replaceChildren(template.content.cloneNode(true));
    region.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!polls(event.detail.elt)) document.getElementById("messages")?.replaceChildren();
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target?.id === "messages") detail.target.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:sendError", () => show("request-failed"));
  document.addEventListener("htmx:timeout", () => show("request-failed"));
  document.addEventListener("htmx:responseError", () => show("request-refused"));

  // An ended session redirects to the sign-in page; swapping that in would eat the form being filled.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const signIn = document.querySelector("meta[name=sign-in]")?.content;
    const landed = event.detail.xhr.responseURL;
    if (!signIn || !landed || new URL(landed).pathname !== signIn) return;
    event.detail.shouldSwap = false;
    show("request-signed-out");
  });
})();
