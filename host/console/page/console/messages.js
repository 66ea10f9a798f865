// Messages: what came in, live, and which rule answered. Selecting one opens why.

import { badge, cell, code, el, empty, fill, reconcile, row, table, time } from "./dom.js";
import { called, drafted, ending, marks, person, refusalBadges, refusals, ruleName, state, words } from "./words.js";
import { why } from "./why.js";

/** Kept on the page; the ledger has the rest. */
const KEPT = 500;
const PAGE = 200;

/** Below this width the list and the explanation take turns. */
const ONE_AT_A_TIME = matchMedia("(max-width: 1099px)");

export function open(app) {
  const { root: list, body } = table("Messages, newest first", ["Time", "From", "Message", "Rule", "Answer"]);
  list.classList.add("messages");
  const filter = el("input", { type: "search", id: "filter", placeholder: "Words, name, rule, refusal …", autocomplete: "off", input: show });
  const shownCount = el("span", { class: "soft" });
  const nothing = el("div");
  const listPane = el("section", { class: "pane list", "aria-label": "Messages" },
    el("div", { class: "bar" }, el("h2", {}, "Messages"), el("label", { class: "filter" }, el("span", { class: "unseen" }, "Filter messages"), filter), shownCount),
    el("div", { class: "scroll" }, list, nothing));
  const panel = el("section", { class: "pane detail", "aria-label": "Why" });
  const root = el("div", { class: "split" }, listPane, panel);

  let records = [];
  let next = null;
  let sends = new Map();
  let selected = null;
  let panelShows = null;

  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const target = step && event.target.closest("tr")?.[step]?.querySelector("a");
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
  body.addEventListener("click", (event) => {
    const chosen = event.target.closest("tr")?.querySelector("a");
    // Selecting text in a row is no click on it.
    if (chosen && !event.target.closest("a") && String(getSelection()) === "") chosen.click();
  });

  async function refresh() {
    const first = next === null;
    const arrived = await more();
    sends = byCause((await app.read("/v1/outbox", { limit: PAGE })).sends);
    show();
    if (!first && arrived === 1) app.mention(`New message from ${called(records[0].message.name, records[0].message.from)}`);
    if (!first && arrived > 1) app.mention(`${arrived} new messages`);
    if (selected) await explain();
  }

  /** Reads on from where we are. Too far behind, it begins again with the newest. */
  async function more() {
    let arrived = 0;
    for (let page = 0; page < 5; page += 1) {
      const answer = await app.read("/v1/decisions", { limit: PAGE, after: next });
      const begun = next === null;
      next = answer.next;
      records = [...answer.decisions.reverse(), ...records].slice(0, KEPT);
      arrived += answer.decisions.length;
      if (begun || answer.decisions.length < PAGE) return arrived;
    }
    next = null;
    records = [];
    await more();
    return arrived;
  }

  function show() {
    const wanted = filter.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const matching = records.filter((record) => wanted.every((word) => searchable(record).includes(word)));
    reconcile(body, matching.map(lean), (item) => item.seq, line);
    list.hidden = matching.length === 0;
    shownCount.textContent = wanted.length > 0 ? `${matching.length} of ${records.length}` : "";
    if (matching.length > 0 || next === null) fill(nothing);
    else if (records.length > 0) fill(nothing, empty("No message matches", "The filter looks at words, names, rules, refusals and how a message ended."));
    else fill(nothing, welcome());
  }

  function welcome() {
    const phone = app.status.links.phone;
    return empty("No message yet",
      [phone ? "Open the phone (at the top) and write as a customer would, or run " : "Write to the business number from a phone, or run ", code("tollgate chat"), " in a terminal."],
      "Each message appears here as soon as it is decided, with the rule that answered and why.");
  }

  /** What a line shows, and nothing else: it is drawn again only when this changes. */
  function lean(record) {
    const { decision, message, seq } = record;
    return { seq, message, decision: { id: decision.id, ending: decision.ending, steps: decision.steps }, states: sends.get(decision.id.message) ?? null, current: isSelected(decision.id), tenant: app.tenant()?.id };
  }

  function line({ message, decision, states, current }) {
    const how = ending(decision, message);
    const said = el("a", { class: "said", dir: "auto", href: app.link(["messages", decision.id.number, decision.id.message]), "aria-current": current ? "true" : null }, words(message.content));
    return row({ class: current ? "current" : null },
      cell({ class: "when" }, time(message.sent_at)),
      cell({ class: "who" }, person(message.name, message.from)),
      cell({ class: "what" }, said, marks(message)),
      cell({ class: "rule" }, how.rule ? el("span", { class: "rule-name" }, ruleName(how.rule)) : null, how.plain ? el("span", { class: "soft" }, how.plain) : null,
        how.note && !(how.isRefused && refusals(decision).length > 0) ? badge(how.note, how.tone) : null, refusalBadges(decision)),
      cell({ class: "answer" }, answer(states, decision)));
  }

  function follow(route) {
    const [number, message] = route.rest;
    const before = selected;
    selected = number && message ? { number, message } : null;
    root.classList.toggle("opened", selected !== null);
    show();
    if (!selected) {
      panelShows = null;
      fill(panel);
      if (before) linkTo(before)?.focus();
      return;
    }
    if (before?.message !== selected.message) panelShows = null;
  }

  async function explain() {
    const wanted = selected;
    let answer;
    try {
      answer = await app.read("/v1/decision", wanted);
      answer.contact = await standing(answer.record.decision.contact);
    } catch (error) {
      if (error.status !== 404) throw error;
      fill(panel, back(), empty("This message is not decided", "It may still be waiting for its turn, or it arrived on another number or host."));
      return;
    }
    if (selected !== wanted) return;
    const version = JSON.stringify(answer);
    if (panelShows === version) return;
    const isNew = panelShows === null;
    const opened = isNew ? null : [...panel.querySelectorAll("details")].map((details) => details.open);
    panelShows = version;
    fill(panel, back(), why(app, answer));
    if (opened) panel.querySelectorAll("details").forEach((details, index) => { details.open = opened[index] ?? details.open; });
    if (isNew) {
      panel.scrollTop = 0;
      linkTo(selected)?.scrollIntoView({ block: "nearest" });
      if (ONE_AT_A_TIME.matches) panel.querySelector("h2")?.focus();
      else app.mention(panel.querySelector(".verdict")?.textContent ?? "");
    }
  }

  /** The contact as it stands now: it may have been joined to another since. */
  async function standing(id) {
    try {
      return (await app.read("/v1/contact", { id })).id;
    } catch (error) {
      if (error.status !== 404) throw error;
      return null;
    }
  }

  function back() {
    return el("a", { class: "back", href: app.link(["messages"]) }, ONE_AT_A_TIME.matches ? "← All messages" : "Close");
  }

  function isSelected(id) {
    return selected !== null && selected.number === id.number && selected.message === id.message;
  }

  function linkTo(id) {
    return body.querySelector(`a[href="${CSS.escape(app.link(["messages", id.number, id.message]))}"]`);
  }

  return { root, refresh, follow };
}

function answer(states, decision) {
  if (states) return [...states].map(([name, many]) => state(name, many));
  const drafts = drafted(decision).length;
  if (drafts > 0) return badge(drafts === 1 ? "draft" : `${drafts} drafts`, "warn", "Written for a person to send, change or drop: see Hand-offs");
  const admitted = decision.steps.filter((step) => step.result === "stands").flatMap((step) => step.runs).flatMap((run) => run.proposed)
    .filter((proposed) => proposed.proposal.proposal === "send" && proposed.verdict.verdict === "admitted").length;
  return el("span", { class: "soft" }, admitted > 0 ? `${admitted} admitted` : "–");
}

/** States of sends, counted, by the message that caused them. */
function byCause(sends) {
  const found = new Map();
  for (const send of sends) {
    const states = found.get(send.outbound.cause) ?? new Map();
    states.set(send.state, (states.get(send.state) ?? 0) + 1);
    found.set(send.outbound.cause, states);
  }
  return new Map([...found].map(([cause, states]) => [cause, [...states]]));
}

const searched = new WeakMap();

function searchable(record) {
  let text = searched.get(record);
  if (text === undefined) {
    const { message, decision } = record;
    const how = ending(decision, message);
    text = [words(message.content), called(message.name, message.from), how.rule, how.note, how.plain, decision.id.message, ...refusals(decision).map((refusal) => refusal.refusal)]
      .filter(Boolean).join("\n").toLowerCase();
    searched.set(record, text);
  }
  return text;
}
