// Why a rule did not answer: choose one, and see the smallest change after which it would.

import { badge, el, fill } from "./dom.js";

/** The box of the message that is shown: it keeps what was chosen while the message's sends move on. */
let shown = null;

export function whyNot(app, { record }) {
  const { number, message } = record.decision.id;
  const key = `${number} ${message}`;
  if (shown?.key !== key) shown = { key, box: box(app, number, message, record.decision) };
  return shown.box;
}

function box(app, number, message, decision) {
  const answer = el("div", { class: "why-not-answer", "aria-live": "polite" });
  const choice = el("select", { id: "why-not", change: ask }, el("option", { value: "" }, "Choose a rule …"));
  offer();
  return el("section", { class: "why-not" },
    el("h3", {}, "Why not another rule?"),
    el("label", { class: "filter", for: "why-not" }, el("span", {}, "Rule "), choice),
    answer);

  async function offer() {
    try {
      const { rules } = await app.read("/v1/rules");
      const answered = decision.ending.rule;
      choice.append(...rules.filter(({ rule }) => rule !== answered).map(({ rule, off }) => el("option", { value: rule }, off ? `${rule} (off)` : rule)));
    } catch (error) {
      fill(answer, el("p", { class: "cause" }, `The rules are not known: ${error.message}`));
    }
  }

  async function ask() {
    const rule = choice.value;
    if (rule === "") return fill(answer);
    try {
      const found = await app.read("/v1/why-not", { rule, number, message });
      if (choice.value === rule) fill(answer, told(found));
    } catch (error) {
      if (choice.value === rule) fill(answer, el("p", { class: "cause" }, error.message));
    }
  }
}

const FIRST = {
  aside: "It is kept aside: in a group, from your own number, or told by WhatsApp itself. No rule looks at it.",
  opt_out: "It is an opt-out: that comes before every rule.",
  opt_in: "It is an opt-in: that comes before every rule.",
  too_old: "It was older than you answer when its turn came: no rule looks at it.",
};

function told(found) {
  const before = found.before.filter((one) => one.now || one.then);
  return [
    el("p", { class: `verdict ${found.answers ? "good" : ""}`.trim() }, verdict(found), " ", el("span", { class: "soft" }, `${found.file}:${found.line}`)),
    found.answers || found.first ? null : el("p", { class: "soft" }, found.instead.length > 0 ? `As things are, ${found.instead.join(", ")} would act on it.` : "As things are, no rule answers it."),
    found.first ? el("p", { class: "cause" }, FIRST[found.first] ?? found.first) : null,
    found.changes.length > 0 ? [el("h4", {}, "It would apply if"), el("ul", { class: "plain changes" }, found.changes.map(change))] : null,
    found.from ? el("p", { class: "soft" }, `All that waits for a time holds ${found.from}.`) : null,
    found.changes.length > 0 && !found.enough ? el("p", { class: "cause" }, "No message alone makes it apply: the rule itself has to change.") : null,
    found.holds.length > 0 ? [el("h4", {}, "Holds already"), el("ul", { class: "plain looks" }, found.holds.map((held) => el("li", { class: "matched" },
      el("span", { class: "mark", "aria-hidden": "true" }, "✓"), el("span", { dir: "auto" }, held))))] : null,
    before.length > 0 ? [el("h4", {}, "Before it"), el("ul", { class: "plain changes" }, before.map(stands))] : null,
    found.first_then && !found.first ? el("p", { class: "cause" }, `Then: ${FIRST[found.first_then] ?? found.first_then}`) : null,
    found.gate.refusal ? el("p", { class: "cause" }, `The gate would refuse a text: ${found.gate.refusal}`) : null,
    el("p", { class: "soft" }, "By the rules as they are now, at the time of the message, with the contact as they stand now."),
  ];
}

function verdict({ answers, first, changes, before, gate, rule, shadow, draft_to: desk }) {
  const ahead = before.find((one) => one.now);
  if (first) return `${rule} is not looked at.`;
  if (shadow && changes.length === 0 && !ahead) return `${rule} would run as a shadow: it is recorded, nothing of it is sent, and the search goes on.`;
  if (answers) return desk ? `${rule} would answer with a draft, which waits at ${desk} for a person.` : `${rule} would answer.`;
  if (changes.length > 0) return changes.length === 1 ? "One thing is missing." : `${changes.length} things are missing.`;
  if (ahead) return `It applies, and ${ahead.rule} answers before it.`;
  return gate.admits ? `${rule} would answer.` : "It applies, and the gate would refuse its answer.";
}

function change({ key, seen, change: words, near, later }) {
  return el("li", {},
    el("span", { class: "mark", "aria-hidden": "true" }, "✕"),
    el("div", {},
      el("p", { dir: "auto" }, words, later ? [" ", badge("once the others are changed")] : null),
      el("p", { class: "soft", dir: "auto" }, `${key}, seen: ${seen}`),
      near ? el("p", { class: "near", dir: "auto" }, `“${near.said}” is close to “${near.listens_for}”: if people write it so, add it to the rule.`) : null));
}

function stands({ rule, file, line, now, then, may_pass: mayPass, because, ways_out: ways }) {
  const how = now ? (then ? "answers instead" : "answers instead, and no more after the change") : "would answer instead after the change";
  return el("li", {},
    el("span", { class: "mark", "aria-hidden": "true" }, "✕"),
    el("div", {},
      el("p", { dir: "auto" }, el("strong", {}, rule), ` ${how}${mayPass ? ", unless its plugin passes" : ""}: ${because.join(", ") || "it applies to every message"} `, el("span", { class: "soft" }, `${file}:${line}`)),
      el("ul", { class: "ways" }, ways.map((way) => el("li", {}, way)))));
}
