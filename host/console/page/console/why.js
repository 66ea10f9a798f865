// Why a message was answered so: the whole decision, in the order in which it was made.

import { badge, el, time } from "./dom.js";
import { raw } from "./raw.js";
import { asked, bubble, ended, ending, lookedUp, marks, masked, person, received, refused, ruleName, state } from "./words.js";

/** So many rules are shown at once; more are folded. */
const UNFOLDED = 8;

export function why(app, { record, sends, contact }) {
  const { message, decision } = record;
  return el("article", { class: "why" },
    head(app, message, decision),
    sent(sends, decision),
    looked(decision),
    decision.steps.map((step) => happened(step)),
    facts(app, record, contact));
}

function head(app, message, decision) {
  const how = ending(decision, message);
  return el("header", {},
    el("div", { class: "between" }, el("h2", { tabindex: "-1" }, person(message.name, message.from)), time(message.sent_at)),
    received(message), marks(message), message.content.kind === "other" ? raw(app, message.content.name, message.content.raw) : null,
    el("p", { class: `verdict ${how.tone}`.trim() }, how.sentence, how.rule ? [" ", el("strong", {}, ruleName(how.rule))] : null, how.rule && how.note ? `: ${how.note}` : null));
}

function sent(sends, decision) {
  if (sends.length === 0) {
    const asking = decision.steps.some((step) => step.runs.some((run) => run.proposed.some(({ proposal }) => proposal.proposal === "send")));
    return section("Sends", el("p", { class: "soft" }, asking ? "Nothing left: see below what the gate said." : "Nobody asked for one."));
  }
  return section("Sends", el("ol", { class: "plain sends" }, sends.map((send) => el("li", {},
    bubble(send.outbound.message, "ours"),
    el("div", { class: "meta" }, state(send.state), el("span", {}, `to ${masked(send.outbound.to)}`), time(send.changed_at),
      send.attempts > 1 ? el("span", {}, `${send.attempts} attempts`) : null,
      send.outbound.purpose === "confirmation" ? badge("confirmation") : null),
    send.cause ? el("p", { class: "cause" }, send.cause) : null))));
}

function looked(decision) {
  const { looks, looks_left_out: leftOut } = decision;
  const matched = looks.filter((look) => look.result === "matched").length;
  const summary = `${looks.length + leftOut} looked at, ${matched} matched`;
  if (looks.length === 0) return section("Rules", el("p", { class: "soft" }, "No rule was looked at."));
  const list = el("ol", { class: "plain looks" }, looks.map((look) => {
    const missed = look.result.missed;
    return el("li", { class: missed ? "missed" : "matched" },
      el("span", { class: "mark", "aria-hidden": "true" }, missed ? "–" : "✓"),
      el("span", { class: "rule-name" }, ruleName(look.rule)),
      missed
        ? el("span", { class: "because" }, el("code", {}, missed.condition.startsWith("when.") ? missed.condition : `when.${missed.condition}`), " did not hold, seen: ", el("span", { dir: "auto" }, missed.seen))
        : el("span", { class: "because" }, "matched"));
  }));
  const rest = leftOut > 0 ? el("p", { class: "soft" }, `${leftOut} more were looked at and are not listed.`) : null;
  return section("Rules", looks.length > UNFOLDED
    ? el("details", {}, el("summary", {}, summary), list, rest)
    : [el("p", { class: "soft" }, summary), list, rest]);
}

const STOOD = { stands: ["takes effect", "good"], passed: ["passed on: no effect", ""], failed: ["failed: no effect", "bad"] };

function happened(step) {
  const [word, tone] = STOOD[step.result] ?? [step.result, ""];
  return section(["Rule ", el("span", { class: "rule-name" }, ruleName(step.rule)), " ", badge(word, tone)],
    step.runs.length === 0 ? el("p", { class: "soft" }, "No plugin ran.") : null,
    step.runs.map(ran));
}

function ran(run) {
  const how = ended(run.result);
  return el("div", { class: "run" },
    el("div", { class: "between" },
      el("h4", {}, "Plugin ", el("span", { class: "rule-name" }, run.plugin)),
      el("span", { class: "soft tabular" }, `${run.fuel.toLocaleString()} fuel`)),
    el("p", { class: `outcome ${how.tone}`.trim() }, how.text),
    run.proposed.length > 0 ? el("ol", { class: "plain proposals" }, run.proposed.map(proposed)) : el("p", { class: "soft" }, "It asked for nothing."),
    (run.asked ?? []).length > 0 ? el("ol", { class: "plain proposals", "aria-label": "What it asked" }, run.asked.map(inquired)) : null,
    run.log.length > 0 ? el("details", {}, el("summary", {}, `Log, ${run.log.length} ${run.log.length === 1 ? "line" : "lines"}`), el("pre", { tabindex: "0", "aria-label": "Log" }, run.log.join("\n"))) : null);
}

function inquired(one) {
  const { what, came, tone } = lookedUp(one);
  return el("li", {}, el("p", { class: "between" }, el("span", { dir: "auto" }, what), badge(one.took_ms === undefined ? came : `${came} · ${one.took_ms} ms`, tone)));
}

function proposed({ proposal, verdict, checks }) {
  const isRefused = verdict.verdict === "refused";
  return el("li", {},
    el("p", { class: "between" }, el("span", {}, asked(proposal)), isRefused ? badge(`refused: ${verdict.refusal}`, "bad") : badge("admitted", "good")),
    proposal.message ? bubble(proposal.message, isRefused ? "ours refused" : "ours") : null,
    proposal.quoting ? el("p", { class: "soft" }, "As a reply to the contact's message") : null,
    proposal.note ?? proposal.text ? el("p", { class: "note", dir: "auto" }, proposal.note ?? proposal.text) : null,
    isRefused ? el("p", { class: "cause" }, refused(verdict)) : null,
    checks.length > 0 ? el("details", { open: isRefused },
      el("summary", {}, `The gate's checks, ${checks.length}`),
      el("ol", { class: "checks" }, checks.map((check) => el("li", { class: check.passed ? "passed" : "stopped" },
        el("span", { class: "mark", "aria-hidden": "true" }, check.passed ? "✓" : "✕"),
        el("span", {}, check.name, el("span", { class: "unseen" }, check.passed ? " passed" : " refused")),
        el("span", { class: "because", dir: "auto" }, check.saw))))) : null);
}

function facts(app, record, contact) {
  const { decision } = record;
  const isJoined = contact !== null && contact !== decision.contact;
  const number = app.tenant()?.numbers.find((candidate) => candidate.id === decision.id.number);
  const entries = [
    ["Number", number ? number.title || number.alias : decision.id.number],
    ["Language", decision.language],
    ["Edition", decision.edition],
    ["Attempt", decision.attempt],
    ["Took", `${decision.cost.micros.toLocaleString()} µs`],
    ["Fuel", decision.cost.fuel.toLocaleString()],
    ["Contact", `c${decision.contact}, message ${decision.sequence} of theirs`],
    ...(isJoined ? [["Joined", `to c${contact}: they proved to be one person`]] : []),
    ["Settled", time(record.settled_at)],
    ["Message id", decision.id.message],
  ];
  return section("Record", el("dl", { class: "facts" }, entries.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, typeof value === "number" ? String(value) : value)))));
}

function section(title, ...children) {
  return el("section", {}, el("h3", {}, title), children);
}

