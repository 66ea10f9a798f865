// Dead letters: messages that could not be done, with their cause. The contact's next messages went on.

import { cell, el, empty, fill, reconcile, row, table, time } from "./dom.js";

const PAGE = 200;

export function open(app) {
  const { root: list, body } = table("Dead letters, newest first", ["Given up", "Cause", "Number", "Message"]);
  list.classList.add("dead-letters");
  const nothing = el("div");
  const root = el("section", { class: "pane", "aria-label": "Dead letters" },
    el("div", { class: "bar" }, el("h2", {}, "Dead letters"), el("p", { class: "soft" }, "Messages that could not be done. The contact's next messages went on.")),
    el("div", { class: "scroll" }, list, nothing));

  async function refresh() {
    const letters = (await app.read("/v1/dead-letters", { limit: PAGE })).dead_letters;
    reconcile(body, letters, (letter) => `${letter.id.number} ${letter.id.message}`, line);
    list.hidden = letters.length === 0;
    fill(nothing, letters.length > 0 ? null : empty("No dead letters", "Every message so far could be done. One that cannot, after its retries, is kept here with its cause."));
  }

  function line({ id, cause, at }) {
    const number = app.tenant()?.numbers.find((candidate) => candidate.id === id.number);
    return row({},
      cell({ class: "when" }, time(at)),
      cell({ class: "what" }, el("p", { class: "cause" }, cause)),
      cell({}, number ? number.title || number.alias : id.number),
      cell({ class: "act" }, el("a", { href: app.link(["messages", id.number, id.message]) }, "See why", el("span", { class: "unseen" }, ` ${id.message}`))));
  }

  return { root, refresh };
}
