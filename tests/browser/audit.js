/* Looks a page over as it stands in the browser; returns what is wrong with it, in words. */
(wanted) => {
  const found = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const called = (element) => `<${element.tagName.toLowerCase()} ${element.id || element.getAttribute("class") || element.name || ""}>`;

  if (document.documentElement.lang !== wanted.lang) found.push(`lang is ${document.documentElement.lang}`);
  const headings = [...document.querySelectorAll("h1")].filter(shown).length;
  if (headings !== 1) found.push(`${headings} h1`);
  if (!document.title.replace("· Touchstone", "").trim()) found.push("no title");

  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) found.push(`id ${id} twice`);

  const across = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > across) {
    const wide = [...document.querySelectorAll("body *")].find((e) => e.getBoundingClientRect().right > across + 1);
    found.push(`wider than the window: ${wide ? called(wide) : "?"}`);
  }

  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], summary")) {
    const named = control.labels?.length || control.ariaLabel || control.ariaLabelledByElements?.length
      || control.textContent.trim() || control.querySelector("img[alt]:not([alt=''])");
    if (!named) found.push(`nameless ${called(control)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt]), svg:not([aria-hidden=true], [role=img], svg svg)")) {
    found.push(`no text for ${called(image)}`);
  }
  for (const label of document.querySelectorAll("label[for]")) {
    if (!document.getElementById(label.htmlFor)) found.push(`label for nothing: ${label.htmlFor}`);
  }
  for (const tied of document.querySelectorAll("[aria-labelledby], [aria-describedby], [aria-controls]")) {
    for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
      for (const id of (tied.getAttribute(name) || "").split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) found.push(`${called(tied)} ${name} nothing: ${id}`);
      }
    }
  }

  /* What people and models wrote, and code, stay as they are; so do names, which the test knows or
     which hold more than letters. All else is ours. */
  const foreign = "[lang]:not([lang|=zh i], html), code, kbd, pre, bdi, time, .mono, .brand, .site-foot span, textarea";
  const untranslated = (words) => !/\p{Script=Han}/u.test(words)
    && (words.match(/[a-z][\w.:/-]*/gi) || []).some((word) => /^[a-z]{2,}$/i.test(word) && !wanted.names.includes(word));
  if (wanted.lang === "zh-Hans") {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (untranslated(text.data) && !text.parentElement.closest(foreign) && shown(text.parentElement)) {
        found.push(`not in Chinese: ${text.data.trim().slice(0, 60)}`);
      }
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
      for (const name of ["aria-label", "title", "placeholder"]) {
        const words = element.getAttribute(name) || "";
        if (untranslated(words) && !element.closest(foreign)) found.push(`${name} not in Chinese: ${words}`);
      }
    }
  }

  if (wanted.focus) {
    for (const control of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
      control.focus();
      if (document.activeElement !== control) continue;
      const rings = [control, control.closest("label"), control.closest(".stat")].filter(Boolean).map((e) => getComputedStyle(e));
      if (!rings.some((ring) => ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 1)) {
        found.push(`focus unseen on ${called(control)}`);
      }
    }
  }
  return found;
}
