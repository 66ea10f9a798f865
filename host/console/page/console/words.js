// The host's records in people's words.

import { badge, clock, el } from "./dom.js";

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

/** What a contact sent, in one line: bare words are a text, any other kind leads with its name. */
export function words(content) {
  switch (content.kind) {
    case "text": return content.body;
    case "tap": return named({ menu: "menu", template: "template button" }[content.origin] ?? "button", content.title);
    case "media": return named(sort(content.media), content.caption || content.filename);
    case "location": return named("location", placed(content));
    case "contacts": return named("contacts", content.cards.map((card) => card.name).join(", "));
    case "form": return named("form", content.body || content.name);
    case "reaction": return content.emoji ? named("reaction", content.emoji) : "[reaction removed]";
    case "order": return named("order", `${content.items.length} ${content.items.length === 1 ? "product" : "products"}${content.text ? `: ${content.text}` : ""}`);
    case "edit": return named("edit", content.text);
    case "revoke": return "[message taken back]";
    case "welcome": return "[chat opened]";
    case "unsupported": return named("unsupported", content.what);
    case "call_permission": return named("calls", `${content.allowed ? "allowed" : "not allowed"}${content.allowed && content.until ? ` until ${clock(content.until)}` : ""}`);
    case "system": return named("WhatsApp tells", tells(content));
    default: return named(content.name ?? content.kind);
  }
}

/** What we send, in one line. */
export function outgoing(message) {
  switch (message.kind) {
    case "text": return message.body;
    case "buttons": case "menu": case "link": return message.body || named(message.kind);
    case "media": return named(sort(message.media), message.caption || message.filename);
    case "template": return named("template", message.name);
    case "location": return named("location", placed(message));
    case "contacts": return named("contacts", message.cards.map((card) => card.name).join(", "));
    case "reaction": return message.emoji ? named("reaction", message.emoji) : "[reaction removed]";
    default: return named(message.kind);
  }
}


/** What WhatsApp itself tells of a contact. Its own sentence may hold a whole number: ours comes first. */
function tells({ event, body, now_known_by: known }) {
  switch (event) {
    case "user_changed_number": return known ? `a new number, ${masked(known)}` : "a new number";
    case "user_changed_user_id": return known ? `a new user id, ${masked(known)}` : "a new user id";
    case "customer_identity_changed": return "a new phone, or WhatsApp installed anew";
    default: return body || event;
  }
}

/** What stands around a message's words and changes how they are taken, as badges. */
export function marks(message) {
  const found = [
    message.group ? badge("group", "", `Written in the group ${message.group}`) : null,
    message.forwarded_often ? badge("forwarded often", "", "Passed on many times") : message.forwarded ? badge("forwarded", "", "Passed on from another chat") : null,
  ].filter(Boolean);
  return found.length > 0 ? el("p", { class: "marks" }, found) : null;
}

function named(kind, rest) {
  return rest ? `[${kind}] ${rest}` : `[${kind}]`;
}

function sort(media) {
  return media === "voice" ? "voice note" : media;
}

function placed(place) {
  return place.name || `${place.latitude}, ${place.longitude}`;
}

/** A contact's message as it came: its words, what its kind carries beside them, and what stands around it. */
export function received(message) {
  const { content, ad, product } = message;
  return el("div", { class: "bubble theirs" },
    line(words(content)),
    carried(content).map((each) => line(each, "soft")),
    product ? line(`About the product ${product.product}${product.catalog ? ` of the catalogue ${product.catalog}` : ""}`, "soft") : null,
    ad ? line(`From an ad: ${[ad.headline, ad.url ?? ad.id].filter(Boolean).join(" · ")}`, "soft") : null,
    message.quoting ? line(`Reply to ${message.quoting}`, "soft") : null);
}

/** What we send, as it looks: words, what stands above and beneath them, and what can be tapped. */
export function bubble(message, side) {
  return el("div", { class: `bubble ${side}` },
    line(message.frame?.header, "strong"),
    line(outgoing(message)),
    carried(message).map((each) => line(each, "soft")),
    line(message.frame?.footer, "soft"),
    taps(message));
}

function line(text, kind = "") {
  return text ? el("p", { class: kind, dir: "auto" }, text) : null;
}

/** What a message carries beside its one line, either way. */
function carried(message) {
  switch (message.kind) {
    case "tap": return [`Its id: ${message.id}`];
    case "media": return [message.caption ? message.filename : null, message.mime_type, message.source ? origin(message.source) : null];
    case "location": return [message.address, message.name ? `${message.latitude}, ${message.longitude}` : null];
    case "contacts": return message.cards.map((card, _, all) => [all.length > 1 ? card.name : null, card.organization, ...card.phones, ...card.emails].filter(Boolean).join(" · "));
    case "form": return [message.body ? `Form ${message.name}` : null, ...answered(message.answers)];
    case "reaction": return [`On ${message.message}`];
    case "order": return [...message.items.map(ordered), `From the catalogue ${message.catalog}`];
    case "edit": case "revoke": return [`It was ${message.original}`];
    case "unsupported": return [message.error ? [`${message.error.code} ${message.error.title}`, message.error.details].filter(Boolean).join(": ") : null];
    case "template": return [`Language ${message.language}, ${message.category}`, headed(message.header),
      ...message.parameters.map((parameter, place) => `${parameter.name ?? place + 1} = ${parameter.text}`),
      ...message.buttons.map(({ index, fill }) => fill.payload === undefined ? `Button ${index + 1} leads to …${fill.url_suffix}` : `Button ${index + 1} = ${fill.payload}`)];
    default: return [];
  }
}

function origin(source) {
  return source.link ?? `File ${source.id}`;
}

function headed(header) {
  if (!header) return null;
  return header.media ? `Header: [${sort(header.media[0])}] ${origin(header.media[1])}` : `Header: ${header.text}`;
}

function ordered(item) {
  const price = [item.price, item.currency].filter(Boolean).join(" ");
  return `${item.quantity} × ${item.product}${price ? ` at ${price}` : ""}`;
}

/** A form's answers, one a line; what is no object is shown as it came. */
function answered(text) {
  let answers = null;
  try { answers = JSON.parse(text); } catch { /* shown below */ }
  if (answers === null || typeof answers !== "object" || Array.isArray(answers)) return [text];
  return Object.entries(answers).map(([key, value]) => `${key} = ${typeof value === "string" ? value : JSON.stringify(value)}`);
}

function taps(message) {
  const titles = {
    buttons: () => message.buttons.map((button) => button.title),
    menu: () => message.sections.flatMap((section) => section.rows.map((row) => [section.title, row.title, row.description].filter(Boolean).join(" · "))),
    link: () => [`${message.label} ↗ ${message.url}`],
  }[message.kind]?.();
  const label = { buttons: "Buttons", menu: `Menu: ${message.label}`, link: "Link" }[message.kind];
  return titles ? [
    message.kind === "menu" ? line(`Menu: ${message.label}`, "soft") : null,
    el("ul", { class: "taps", "aria-label": label }, titles.map((title) => el("li", { dir: "auto" }, title)))] : null;
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
export function ending(decision, message) {
  const { ending: how } = decision;
  switch (how.ending) {
    case "answered": return { rule: how.rule, sentence: "Answered by", tone: "good" };
    case "unanswered": return { rule: how.rule, note: UNANSWERED[how.why] ?? how.why, isRefused: how.why === "refused", sentence: "Not answered by", tone: "warn" };
    case "aside": if (message.from_ourselves) return { rule: null, plain: "our own number", sentence: "It came from the number itself: nobody to answer", tone: "" };
      switch (message.content.kind) {
      case "system": return { rule: null, plain: "WhatsApp tells", sentence: `WhatsApp tells: ${tells(message.content)}. No rule looks at it`, tone: "" };
      case "unsupported": if (!message.group) return { rule: null, plain: "not available yet", sentence: "WhatsApp could not hand it over yet: no rule looks at it until it comes", tone: "" };
      // falls through
      default: return { rule: null, plain: "in a group", sentence: "Written in a group: it is kept, and no rule looks at it", tone: "" };
    }
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

/** The desks of what became drafts instead of sends, in order: what steps that stand would have sent. */
export function drafted(decision) {
  return decision.steps.filter((step) => step.result === "stands").flatMap((step) => step.runs).flatMap((run) => run.proposed)
    .map((proposed) => proposed.drafted_to).filter(Boolean);
}

/** Every refusal of a decision, in order. */
export function refusals(decision) {
  // What a shadow was refused was not to be sent anyway.
  return decision.steps.filter((step) => step.result !== "shadow").flatMap((step) => step.runs).flatMap((run) => run.proposed)
    .map((proposed) => proposed.verdict).filter((verdict) => verdict.verdict === "refused");
}

const REFUSED = {
  "not-granted": "The plugin holds no grant for this",
  "not-allowlisted": "The sending number is not on the tenant's allowlist",
  stopped: "Sending is stopped until somebody lifts the switch",
  invalid: "The message is malformed or past a limit",
  "opted-out": "The contact opted out",
  "not-opted-in": "The contact has not opted in, and this tenant demands it",
  paused: "A person has the conversation",
  "window-closed": "The 24-hour service window is closed",
  "loop-suspected": "Two machines seem to be talking to each other",
  "quota-exceeded": "A budget is used up",
  "too-late": "It was decided too long ago to be worth sending",
  "rate-limited": "Too fast for WhatsApp's rates",
};

/** Why the gate said no, in a sentence. */
export function refused(refusal) {
  const reason = REFUSED[refusal.refusal] ?? refusal.refusal;
  if (refusal.template_would_pass) return `${reason}; a template would pass`;
  const detail = refusal.what ?? { run: "sends of one run", decision: "effects of one decision", contact_hour: "sends to one contact in an hour", plugin: "sends of this plugin", tier: "contacts outside of windows in a day", memory: "what this plugin may keep" }[refusal.which];
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
    case "note": return "Leave a note";
    case "remember": return `Remember “${proposal.key}”${proposal.scope === "shared" ? " for everybody" : ""}`;
    case "forget": return `Forget “${proposal.key}”${proposal.scope === "shared" ? " for everybody" : ""}`;
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
    case "quarantined": return "left alone: it failed too often of late";
    case "host": return `the host could not run it: ${failure.message}`;
    default: return failure.failure;
  }
}

/** What a plugin asked of the world, and what came of it. */
export function lookedUp(one) {
  const answer = one.answer.Ok ?? null;
  const refusal = one.answer.Err ?? null;
  const what = {
    knowledge: () => `Asked ${one.question.base}: “${one.question.text}”`,
    lookup: () => `Looked up ${one.request.endpoint}/${one.request.path}`,
    memory: () => `Looked into memory${one.scope === "shared" ? " for everybody" : ""}: “${one.key}”`,
  }[one.asked]?.() ?? one.asked;
  if (refusal) return { what, came: refused(refusal), tone: "bad" };
  // The value is the plugin's own, and may be a secret of the contact's.
  if (one.asked === "memory") return { what, came: answer ? "found" : "nothing there", tone: "" };
  const kind = answer.answer ?? answer.lookup;
  switch (kind) {
    case "found": return { what, came: answer.citations.length > 0 ? `answered from ${answer.citations.map((citation) => citation.title ?? citation.source).join(", ")}` : "answered without a source", tone: "good" };
    case "answered": return { what, came: `status ${answer.status}`, tone: answer.status < 400 ? "good" : "warn" };
    case "unreachable": return { what, came: `not reached: ${answer.cause}`, tone: "bad" };
    default: return { what, came: UNANSWERED[kind] ?? kind, tone: "warn" };
  }
}
