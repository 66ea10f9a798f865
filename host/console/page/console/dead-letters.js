// Dead letters: messages that could not be done, with their cause. The contact's next messages went on. They can be taken up again.

import { cell, el, empty, fill, reconcile, row, table, time } from "./dom.js";
import { ask } from "./asking.js";

const PAGE = 200;

export function open(app) {
  const { root: list, body } = table("Dead letters, newest first", ["Given up", "Cause", "Number", "Message"]);
  list.classList.add("dead-letters");
  const nothing = el("div");
  const all = el("button", { class: "button", type: "button", hidden: true, click: several }, "Try several again");
  const root = el("section", { class: "pane", "aria-label": "Dead letters" },
    el("div", { class: "bar" }, el("h2", {}, "Dead letters"), el("p", { class: "soft" }, "Messages that could not be done. The contact's next messages went on."), el("span", { class: "filter" }, all)),
    el("div", { class: "scroll" }, list, nothing));
  const busy = new Set();

  async function refresh() {
    const letters = (await app.read("/v1/dead-letters", { limit: PAGE })).dead_letters;
    reconcile(body, letters.map((letter) => ({ ...letter, isBusy: busy.has(letter.id.message) })), (letter) => `${letter.id.number} ${letter.id.message}`, line);
    list.hidden = letters.length === 0;
    all.hidden = letters.length === 0;
    fill(nothing, letters.length > 0 ? null : empty("No dead letters", "Every message so far could be done. One that cannot, after its retries, is kept here with its cause."));
  }

  function line({ id, cause, at, isBusy }) {
    const number = app.tenant()?.numbers.find((candidate) => candidate.id === id.number);
    return row({},
      cell({ class: "when" }, time(at)),
      cell({ class: "what" }, el("p", { class: "cause" }, cause)),
      cell({}, number ? number.title || number.alias : id.number),
      cell({ class: "act" }, el("div", { class: "choices" },
        el("a", { href: app.link(["messages", id.number, id.message]) }, "See why", el("span", { class: "unseen" }, ` ${id.message}`)),
        el("button", { class: "button", type: "button", disabled: isBusy, click: () => one(id) }, "Try again", el("span", { class: "unseen" }, ` ${id.message}`)))));
  }

  async function one(id) {
    busy.add(id.message);
    try {
      await app.act("/v1/dead-letters/redrive", { message: id.message, number: id.number });
      app.announce("Taken up again: it goes through rules and gate as they are now.");
    } catch (error) {
      app.announce(`Not taken up again: ${error.message}`);
    } finally {
      busy.delete(id.message);
      app.refresh();
    }
  }

  async function several() {
    await ask({
      title: "Try several again",
      text: ["All whose messages were written lately are taken up again, by rules and gate as they are now. Older ones stay: nobody wants a reply to yesterday's question."],
      fields: [{ name: "newer_than", label: "Written within", options: [["1h", "the last hour"], ["2h", "the last two hours"], ["6h", "the last six hours"], ["1d", "the last day"]] }],
      verb: "Try again",
      act: async (values) => {
        const { redriven, too_old, more } = await app.act("/v1/dead-letters/redrive", values);
        app.announce(`${redriven} taken up again${too_old > 0 ? `, ${too_old} too old and left` : ""}${more ? "; there are more" : ""}.`);
      },
    });
    app.refresh();
  }

  return { root, refresh };
}
