// The host's records in people's words.

import { badge, el } from "./dom.js";

/** A contact's number as pages show it: the last four digits. */
export function masked(key) {
  const phone = key.phone ?? key.both?.[0];
  if (phone) return `…${phone.slice(-4)}`;
  return `user …${(key.user ?? "").slice(-4)}`;
}

/** Name and masked number, as two lines. */
export function person(name, key) {
  return el("span", { class: "person" },
    el("span", { class: "name", dir: "auto" }, name || "No name"),
    el("span", { class: "number" }, masked(key)));
}

/** The same, in one sentence. */
export function called(name, key) {
  return name ? `${name} ${masked(key)}` : masked(key);
}

/** What a contact sent, in one line. */
export function words(content) {
  switch (content.kind) {
    case "text": return content.body;
    case "tap": return `▸ ${content.title}`;
    case "media": return content.caption ? `[${content.media}] ${content.caption}` : `[${content.media}]`;
    default: return `[${content.name ?? content.kind}]`;
  }
}

/** What we send: words with buttons beneath. */
export function bubble(message, side) {
  return el("div", { class: `bubble ${side}` },
    el("p", { dir: "auto" }, message.body),
    message.buttons ? el("ul", { class: "taps", "aria-label": "Buttons" }, message.buttons.map((button) => el("li", { dir: "auto" }, button.title))) : null);
}

const STATES = {
  ready: ["…", "ready", "", "Waiting to leave"],
  in_flight: ["→", "in flight", "", "Handed to the carrier, no word yet"],
  sent: ["✓", "sent", "", "WhatsApp took it"],
  delivered: ["✓✓", "delivered", "", "On the contact's device"],
  read: ["✓✓", "read", "accent", "Seen by the contact"],
  failed: ["✕", "failed", "bad", "It did not arrive, and will not"],
  unknown: ["?", "unknown", "warn", "It left, and nobody can say yet whether it arrived"],
  held: ["‖", "held", "warn", "Unknown for too long: a person decides"],
  cancelled: ["⊘", "cancelled", "bad", "The gate took it back on leaving"],
  withheld: ["○", "withheld", "soft", "Dry run: admitted, and it stays here"],
};

export const STATE_WORDS = Object.keys(STATES);

export function stateName(state) {
  return STATES[state]?.[1] ?? state;
}

/** Where a send stands: a tick for the eye, a word for everyone. */
export function state(state, many = 1) {
  const [tick, word, tone, means] = STATES[state] ?? ["", state, "", ""];
  return el("span", { class: `state ${tone}`.trim(), title: means },
    el("span", { class: "tick", "aria-hidden": "true" }, tick), many > 1 ? `${many} ${word}` : word);
}

const UNANSWERED = { no_answer: "no answer", blocked: "blocked", slow: "too slow", refused: "refused" };

/** How a decision ended: the rule, and a badge if it is not simply answered. */
export function ending(decision) {
  const { ending: how } = decision;
  switch (how.ending) {
    case "answered": return { rule: how.rule, sentence: "Answered by", tone: "good" };
    case "unanswered": return { rule: how.rule, note: UNANSWERED[how.why] ?? how.why, isRefused: how.why === "refused", sentence: "Not answered by", tone: "warn" };
    case "no_rule": return { rule: null, plain: "no rule", sentence: "No rule applied", tone: "" };
    case "too_old": return { rule: null, note: "too old", sentence: "Too old to answer: it went to the desk", tone: "warn" };
    case "dead_letter": return { rule: null, note: "dead letter", sentence: `It could not be done: ${how.cause}`, tone: "bad" };
    default: return { rule: null, plain: how.ending, sentence: how.ending, tone: "" };
  }
}

/** A rule's name; the two sections that are no rules bear names of their own. */
export function ruleName(rule) {
  return { opt_out: "opt-out", opt_in: "opt-in" }[rule] ?? rule;
}

/** Every refusal of a decision, in order. */
export function refusals(decision) {
  return decision.steps.flatMap((step) => step.runs).flatMap((run) => run.proposed)
    .map((proposed) => proposed.verdict).filter((verdict) => verdict.verdict === "refused");
}

const REFUSED = {
  "not-granted": "The plugin holds no grant for this",
  "not-allowlisted": "The sending number is not on the tenant's allowlist",
  stopped: "Sending is stopped by an operator",
  invalid: "The message is malformed or past a limit",
  "opted-out": "The contact opted out",
  "not-opted-in": "The contact has not opted in, and this tenant demands it",
  paused: "A person has the conversation",
  "window-closed": "The 24-hour service window is closed",
  "loop-suspected": "Two machines seem to be talking to each other",
  "quota-exceeded": "A budget is used up",
  "rate-limited": "Too fast for WhatsApp's rates",
};

/** Why the gate said no, in a sentence. */
export function refused(refusal) {
  const reason = REFUSED[refusal.refusal] ?? refusal.refusal;
  const detail = refusal.what ?? { run: "sends of one run", decision: "effects of one decision", contact_hour: "sends to one contact in an hour" }[refusal.which];
  return detail ? `${reason}: ${detail}` : reason;
}

export function refusalBadges(decision) {
  const counted = new Map();
  for (const refusal of refusals(decision)) {
    const entry = counted.get(refusal.refusal) ?? { refusal, many: 0 };
    entry.many += 1;
    counted.set(refusal.refusal, entry);
  }
  return [...counted.values()].map(({ refusal, many }) =>
    badge(many > 1 ? `${refusal.refusal} ×${many}` : refusal.refusal, "bad", refused(refusal)));
}

/** What a plugin asked for, in a sentence. */
export function asked(proposal) {
  switch (proposal.proposal) {
    case "send": return proposal.to === "contact" ? "Send to the contact" : `Send to ${masked(proposal.to)}`;
    case "consent": return `Record an ${proposal.opted_in ? "opt-in to" : "opt-out of"} ${proposal.scope}`;
    case "hand_over": return `Hand over to ${proposal.desk}`;
    case "pause": return `Keep the bot silent for ${proposal.span}`;
    case "resume": return "Let the bot speak again";
    case "tag": return `Tag “${proposal.tag}”`;
    case "untag": return `Remove the tag “${proposal.tag}”`;
    default: return proposal.proposal;
  }
}

/** How a run ended: its words and tone. */
export function ended(result) {
  if (result.failed) return { text: failed(result.failed), tone: "bad" };
  if (result.ended === "handled") return { text: "handled", tone: "good" };
  if (result.ended === "passed") return { text: "passed: not for it", tone: "" };
  const why = result.ended?.unanswered;
  return { text: `unanswered: ${UNANSWERED[why] ?? why}`, tone: "warn" };
}

function failed(failure) {
  switch (failure.failure) {
    case "said": return `failed: ${failure.message}`;
    case "trapped": return `trapped: ${failure.message}`;
    case "limit": return `past its limit of ${failure.which}: ${failure.used.toLocaleString()} of ${failure.allowed.toLocaleString()}`;
    case "host": return `the host could not run it: ${failure.message}`;
    default: return failure.failure;
  }
}
