// What is kept as it came, for reading and copying.

import { el, fill } from "./dom.js";

/** Folded, with its kind's name for those who listen. It may be large: it is written out when it is opened, and not before. */
export function raw(app, kind, came) {
  const place = el("div", { class: "raw" });
  const details = el("details", {
    toggle: () => {
      if (!details.open || place.firstChild) return;
      // Text that is no JSON was kept as text.
      const written = typeof came === "string" ? came : JSON.stringify(came, null, 2);
      const shown = el("pre", { tabindex: "0", role: "group", "aria-label": `As it came: ${kind}` }, written);
      fill(place, shown, el("button", { class: "button", type: "button", click: () => copy(app, written, shown) }, "Copy"));
    },
  }, el("summary", {}, "As it came", el("span", { class: "unseen" }, `: ${kind}`)), place);
  return details;
}

async function copy(app, written, shown) {
  try {
    await navigator.clipboard.writeText(written);
    app.announce("Copied.");
  } catch {
    // A browser lends its clipboard to HTTPS and to this machine alone.
    getSelection().selectAllChildren(shown);
    shown.focus();
    app.announce("The browser keeps its clipboard to itself. The text is selected: copy it with the keyboard.");
  }
}
