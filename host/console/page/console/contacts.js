// Contacts: found by name or phone; one of them with what they allowed, who talks to them, what was noted, and a box to write to them.

import { badge, cell, clock, el, empty, fill, reconcile, row, table, time } from "./dom.js";
import { ask, nameField } from "./asking.js";
import { box } from "./sending.js";
import { called, ending, masked, person, words } from "./words.js";

const PAGE = 100;
/** Messages shown of one contact. */
const LATELY = 10;
/** Between a key and the search for what was typed. */
const TYPING_MS = 250;

export function open(app) {
  const { root: list, body } = table("Contacts", ["Contact", "Consent", "Last wrote", "Conversation"]);
  list.classList.add("contacts");
  const search = el("input", { type: "search", id: "contact-search", placeholder: "Name or phone …", autocomplete: "off", maxlength: 100, input: typed });
  const paused = el("input", { type: "checkbox", role: "switch", id: "only-paused", change: again });
  const out = el("input", { type: "checkbox", role: "switch", id: "only-out", change: again });
  const more = el("button", { class: "button", type: "button", hidden: true, click: further }, "Show more");
  const nothing = el("div");
  const listPane = el("section", { class: "pane list", "aria-label": "Contacts" },
    el("div", { class: "bar" }, el("h2", {}, "Contacts"),
      el("label", { class: "switch", for: "only-paused" }, paused, el("span", {}, "With a person")),
      el("label", { class: "switch", for: "only-out" }, out, el("span", {}, "Opted out")),
      el("label", { class: "filter", for: "contact-search" }, el("span", { class: "unseen" }, "Search contacts"), search)),
    el("div", { class: "scroll" }, list, more, nothing));
  const panel = el("section", { class: "pane detail", "aria-label": "Contact" });
  const root = el("div", { class: "split" }, listPane, panel);

  let pages = 1;
  let selected = null;
  let card = null;
  let timer = null;

  function typed() {
    clearTimeout(timer);
    timer = setTimeout(again, TYPING_MS);
  }

  function again() {
    pages = 1;
    app.refresh();
  }

  function further() {
    pages += 1;
    app.refresh();
  }

  async function refresh() {
    let found = [];
    let after = 0;
    let isFull = false;
    for (let page = 0; page < pages; page += 1) {
      const answer = await app.read("/v1/contacts", { text: search.value.trim() || null, paused: paused.checked || null, opted_out: out.checked || null, after, limit: PAGE });
      found = [...found, ...answer.contacts];
      after = answer.next;
      isFull = answer.contacts.length === PAGE;
      if (!isFull) break;
    }
    reconcile(body, found.map((contact) => ({ ...lean(contact), current: contact.id === selected })), (item) => item.id, line);
    list.hidden = found.length === 0;
    more.hidden = !isFull;
    const isFiltered = search.value.trim() || paused.checked || out.checked;
    fill(nothing, found.length > 0 ? null : isFiltered ? empty("No contact is like that", "Search for a part of a name or of a phone.") : empty("No contact yet", "Whoever writes becomes one."));
    await card?.refresh();
  }

  function lean({ id, name, key, consent, stop_pending, last_inbound, pause }) {
    const until = pause && pause.until > app.now() ? pause.until : null;
    return { id, name, key, allowed: allowed(consent, stop_pending), wrote: Math.max(0, ...Object.values(last_inbound)), until };
  }

  function line({ id, name, key, allowed: word, wrote, until, current }) {
    return row({ class: current ? "current" : null },
      cell({ class: "who" }, el("a", { class: "plain-link", href: app.link(["contacts", String(id)]), "aria-current": current ? "true" : null }, person(name, key))),
      cell({ class: "answer" }, badge(...word)),
      cell({ class: "when" }, wrote > 0 ? time(wrote) : "never"),
      cell({ class: "act" }, el("span", { class: "soft" }, until ? `With a person until ${clock(until)}` : "The bot answers")));
  }

  function follow(route) {
    const asked = Number(route.rest[0]?.replace(/^c/, ""));
    const next = Number.isSafeInteger(asked) && asked > 0 ? asked : null;
    if (next === selected) return;
    selected = next;
    root.classList.toggle("opened", selected !== null);
    card = selected === null ? null : openOne(app, selected);
    fill(panel, card?.root);
    panel.scrollTop = 0;
    card?.root.querySelector("h2")?.focus();
  }

  return { root, refresh, follow };
}

/** One contact. */
function openOne(app, id) {
  const heading = el("h2", { tabindex: "-1" }, `Contact c${id}`);
  const facts = el("dl", { class: "facts" });
  const conversation = el("div", { class: "between" });
  const consent = el("div", { class: "fields" });
  const notes = el("section", { hidden: true });
  const lately = el("ul", { class: "plain lately" });
  const gone = el("div");
  const content = el("div", { class: "why" },
    el("header", {}, heading, facts),
    el("section", { "aria-label": "Conversation" }, el("h3", {}, "Conversation"), conversation),
    el("section", { "aria-label": "Send a message" }, el("h3", {}, "Write to them"), box(app, id, () => app.refresh())),
    el("section", { "aria-label": "Consent" }, el("h3", {}, "What they allowed"), consent),
    notes,
    el("section", { "aria-label": "Latest messages" }, el("h3", {}, "Latest messages"), lately));
  const root = el("div", {}, el("a", { class: "back", href: app.link(["contacts"]) }, "← All contacts"), gone, content);
  let shown = null;

  async function refresh() {
    let contact;
    let decisions;
    try {
      contact = await app.read("/v1/contact", { id });
      decisions = (await app.read("/v1/decisions", { contact: id, limit: LATELY })).decisions;
    } catch (error) {
      if (error.status !== 404) throw error;
      content.hidden = true;
      fill(gone, empty("There is no such contact", "It may belong to another tenant, or was erased."));
      return;
    }
    content.hidden = false;
    fill(gone);
    const until = contact.pause && contact.pause.until > app.now() ? contact.pause.until : null;
    // Drawn again only when something changed: a button keeps its focus.
    const version = JSON.stringify([contact, until, decisions.map((record) => record.seq)]);
    if (version === shown) return;
    shown = version;
    show(contact, until, decisions);
  }

  function show(contact, until, decisions) {
    fill(heading, called(contact.name, contact.key));
    const wrote = Object.entries(contact.last_inbound).map(([number, at]) => [`Wrote to ${numberName(number)}`, time(at)]);
    fill(facts, [["Id", `c${contact.id}`], ["Known since", time(contact.first_seen)], ...wrote,
      ["Language", contact.language ?? "–"], ["Tags", contact.tags.join(", ") || "–"]]
      .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
    const focused = conversation.contains(document.activeElement);
    fill(conversation,
      el("span", {}, until ? `A person has it until ${clock(until)}: the bot keeps silent` : "The bot answers"),
      el("span", { class: "choices" },
        el("button", { class: "button", type: "button", click: pause }, until ? "Longer" : "Take it", el("span", { class: "unseen" }, ": the bot keeps silent")),
        until ? el("button", { class: "button", type: "button", click: release }, "Give back to the bot") : null));
    if (focused) conversation.querySelector("button")?.focus();
    fill(consent,
      el("p", {}, badge(...allowed(contact.consent, contact.stop_pending))),
      contact.consent_log.length === 0 ? el("p", { class: "soft" }, "Nothing is on record. Their own message allows an answer within 24 hours.") : log(contact.consent_log),
      el("div", { class: "choices" },
        el("button", { class: "button", type: "button", click: () => record(true) }, "Record an opt-in"),
        el("button", { class: "button", type: "button", click: () => record(false) }, "Record an opt-out")));
    notes.hidden = contact.notes.length === 0;
    fill(notes, el("h3", {}, "Noted"), el("ul", { class: "plain lately" }, contact.notes.map((note) => el("li", {}, time(note.at), " ", el("span", { class: "note", dir: "auto" }, note.text)))));
    fill(lately, decisions.length === 0 ? el("li", { class: "soft" }, "They never wrote.") : decisions.map(({ message, decision }) => {
      const how = ending(decision, message);
      return el("li", {}, time(message.sent_at), " ", el("a", { dir: "auto", href: app.link(["messages", decision.id.number, decision.id.message]) }, words(message.content)), " ",
        el("span", { class: "soft" }, how.rule ?? how.plain ?? how.note));
    }));
  }

  function numberName(number) {
    const known = app.tenant()?.numbers.find((candidate) => candidate.id === number);
    return known ? known.title || known.alias : number;
  }

  async function pause() {
    await ask({
      title: "Take the conversation",
      text: ["The bot keeps silent for so long. What waits to leave to this contact is taken back; what you send passes."],
      fields: [{ name: "for", label: "How long", options: [["30m", "30 minutes"], ["2h", "2 hours"], ["12h", "12 hours"], ["3d", "3 days"]] }, nameField()],
      verb: "Take it",
      act: (values) => app.act(`/v1/contacts/${id}/pause`, values),
    });
    app.refresh();
  }

  async function release() {
    try {
      await app.act(`/v1/contacts/${id}/release`);
      app.announce("Given back: the bot answers again.");
    } catch (error) {
      app.announce(`Not given back: ${error.message}`);
    }
    app.refresh();
  }

  async function record(optedIn) {
    await ask({
      title: optedIn ? "Record an opt-in" : "Record an opt-out",
      text: [optedIn ? "WhatsApp demands proof that they want it. Say where it is." : "From the next send on it counts, whatever waits to leave."],
      fields: [
        { name: "scope", label: "Of what", options: [["everything", "Any message"], ["marketing", "Messages that advertise"]] },
        { name: "evidence", label: optedIn ? "What proves it" : "How you know", rows: 2, optional: !optedIn, most: 500 },
        nameField(),
      ],
      verb: "Record it",
      act: async (values) => {
        const { recorded } = await app.act(`/v1/contacts/${id}/consent`, { ...values, opted_in: optedIn });
        app.announce(recorded ? "Recorded." : "That was on record already.");
      },
    });
    app.refresh();
  }

  return { root, refresh };
}

/** Every change, newest first. */
function log(changes) {
  return el("ul", { class: "plain lately" }, [...changes].reverse().map(({ scope, opted_in, evidence, at }) => el("li", {},
    time(at), " ", el("strong", {}, opted_in ? "in" : "out"), ` ${scope === "marketing" ? "messages that advertise" : "any message"}, `,
    el("span", { class: "soft" }, { message: "they wrote", preference: "set in WhatsApp", operator: "recorded by a person" }[evidence.source] ?? evidence.source),
    evidence.text ? el("span", { dir: "auto" }, ` “${evidence.text}”`) : null)));
}

/** What they allowed: a badge's words, tone and meaning. */
function allowed(consent, stopPending) {
  const { everything, marketing } = consent;
  if (stopPending || everything.state === "out") return ["opted out", "bad", "Nothing is sent to them"];
  if (everything.state === "in") return marketing.state === "out" ? ["in, no marketing", "warn"] : ["opted in", "good"];
  if (marketing.state === "out") return ["no marketing", "warn"];
  if (marketing.state === "in") return ["marketing", "good"];
  return ["not asked", "", "Their own message allows an answer within 24 hours"];
}
