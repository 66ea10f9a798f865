// Hand-offs: conversations that went to people, with the replies that wait for their approval, and giving them back.

import { badge, cell, clock, code, el, empty, fill, reconcile, row, table, time } from "./dom.js";
import { called, person } from "./words.js";
import { open as openDrafts } from "./drafts.js";

const PAGE = 200;
const KEPT = 200;

export function open(app) {
  const { root: list, body } = table("Hand-offs, newest first", ["Time", "Contact", "Desk", "Note", "Conversation"]);
  list.classList.add("hand-offs");
  const nothing = el("div");
  const drafts = openDrafts(app);
  const root = el("section", { class: "pane", "aria-label": "Hand-offs" },
    el("div", { class: "bar" }, el("h2", {}, "Hand-offs"), el("p", { class: "soft" }, "While a person has a conversation, the bot keeps silent.")),
    el("div", { class: "scroll" }, drafts.root, list, nothing));

  let from = 0;
  let busy = null;

  async function refresh() {
    await drafts.refresh();
    let found = [];
    let after = from;
    for (;;) {
      const page = await app.read("/v1/hand-offs", { after, limit: PAGE });
      found = [...found, ...page.hand_offs].slice(-KEPT);
      after = page.next;
      if (page.hand_offs.length < PAGE) break;
    }
    // Contacts change after their hand-off: the ones on show are read anew each time, the ones before never again.
    if (found.length > 0) from = found[0].seq - 1;
    show(found.reverse());
  }

  function show(handOffs) {
    const newest = new Set();
    reconcile(body, handOffs.map((handOff) => {
      const isNewest = !newest.has(handOff.contact.id);
      newest.add(handOff.contact.id);
      const pausedUntil = handOff.contact.pause && handOff.contact.pause.until > app.now() ? handOff.contact.pause.until : null;
      const { seq, desk, note, at, message, contact } = handOff;
      return { seq, desk, note, at, message, numbers: Object.keys(contact.last_inbound), id: contact.id, name: contact.name, key: contact.key, pausedUntil, isNewest, isBusy: busy === contact.id };
    }), (item) => item.seq, line);
    list.hidden = handOffs.length === 0;
    fill(nothing, handOffs.length > 0 ? null : empty("No conversation is with a person",
      ["A rule with ", code("hand_to"), " puts a conversation here, with what the person should know."],
      "Your desks: " + (app.tenant()?.desks.join(", ") || "none yet; name one in tollgate.toml")));
  }

  function line(item) {
    const numbers = app.tenant()?.numbers ?? [];
    const number = item.numbers.length === 1 ? item.numbers[0] : numbers.length === 1 ? numbers[0].id : null;
    return row({},
      cell({ class: "when" }, time(item.at)),
      cell({ class: "who" }, el("a", { class: "plain-link", href: app.link(["contacts", String(item.id)]) }, person(item.name, item.key))),
      cell({ class: "desk" }, badge(item.desk)),
      cell({ class: "what" }, el("p", { class: "note", dir: "auto" }, item.note || "No note"),
        number ? el("a", { href: app.link(["messages", number, item.message]) }, "See why") : null),
      cell({ class: "act" }, conversation(item)));
  }

  function conversation(item) {
    if (!item.pausedUntil) return el("span", { class: "soft" }, "The bot answers");
    const until = el("span", { class: "soft" }, `With a person until ${clock(item.pausedUntil)}`);
    if (!item.isNewest) return until;
    return [until, el("button", { class: "button", type: "button", disabled: item.isBusy, click: () => giveBack(item) },
      "Give back to the bot", el("span", { class: "unseen" }, `: ${called(item.name, item.key)}`))];
  }

  async function giveBack(item) {
    busy = item.id;
    try {
      await app.act(`/v1/contacts/${encodeURIComponent(item.id)}/release`);
      app.announce(`Given back: the bot answers ${called(item.name, item.key)} again.`);
    } catch (error) {
      app.announce(`Not given back: ${error.message}`);
    } finally {
      busy = null;
      app.refresh();
    }
  }

  return { root, refresh };
}
