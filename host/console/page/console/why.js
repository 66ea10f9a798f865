// Why a message was answered so: the whole decision, in the order in which it was made.

import { badge, el, time } from "./dom.js";
import { raw } from "./raw.js";
import { whyNot } from "./why-not.js";
import { asked, bubble, drafted, ended, ending, lookedUp, marks, masked, person, received, refused, ruleName, state } from "./words.js";

/** So many rules are shown at once; more are folded. */
const UNFOLDED = 8;

export function why(app, { record, sends, contact, passed }) {
  const { message, decision } = record;
  return el("article", { class: "why" },
    head(app, message, decision, passed),
    sent(sends, decision),
    looked(decision, passed),
    whyNot(app, { record }),
    decision.steps.map((step) => happened(step)),
    facts(app, record, contact));
}

function head(app, message, decision, passed) {
  const how = ending(decision, message);
  // The last that applied: it answered, or led to the one that did.
  const applied = how.rule ? passed?.rules.findLast((told) => told.result === "matched") : undefined;
  const led = applied && applied.rule !== decision.ending.rule ? `${ruleName(applied.rule)} led to it` : "";
  const because = [led, (applied?.because ?? []).join(", and ")].filter(Boolean).join(": ");
  return el("header", {},
    el("div", { class: "between" }, el("h2", { tabindex: "-1" }, person(message.name, message.from)), time(message.sent_at)),
    received(message), marks(message), message.content.kind === "other" ? raw(app, message.content.name, message.content.raw) : null,
    el("p", { class: `verdict ${how.tone}`.trim() }, how.sentence, how.rule ? [" ", el("strong", {}, ruleName(how.rule))] : null, how.rule && how.note ? `: ${how.note}` : null),
    because ? el("p", { class: "because", dir: "auto" }, `Because ${because}.`) : null);
}

function sent(sends, decision) {
  if (sends.length === 0) {
    const asking = decision.steps.some((step) => step.result !== "shadow" && step.runs.some((run) => run.proposed.some(({ proposal }) => proposal.proposal === "send")));
    const desks = drafted(decision);
    if (desks.length > 0) return section("Sends", el("p", { class: "soft" }, `Nothing was sent: ${desks.length === 1 ? "a draft waits" : `${desks.length} drafts wait`} for a person at ${[...new Set(desks)].join(", ")}, or was dropped there.`));
    return section("Sends", el("p", { class: "soft" }, asking ? "Nothing left: see below what the gate said." : "Nobody asked for one."));
  }
  return section("Sends", el("ol", { class: "plain sends" }, sends.map((send) => el("li", {},
    bubble(send.outbound.message, "ours"),
    el("div", { class: "meta" }, state(send.state), el("span", {}, `to ${masked(send.outbound.to)}`), time(send.changed_at),
      send.attempts > 1 ? el("span", {}, `${send.attempts} attempts`) : null,
      send.outbound.purpose === "confirmation" ? badge("confirmation") : send.outbound.purpose === "person" ? badge("sent by a person") : null),
    send.cause ? el("p", { class: "cause" }, send.cause) : null))));
}

/** The rules that the decision came by: all of them while its edition is in force, else those that were looked at. */
function looked(decision, passed) {
  const { looks, looks_left_out: leftOut } = decision;
  const ruledOut = decision.ruled_out ?? 0;
  if (looks.length + ruledOut === 0) return section("Rules", el("p", { class: "soft" }, "No rule was looked at."));
  const rules = passed?.rules ?? looks.map((look) => ({ ...look, looked: true, wants: null }));
  const unlooked = passed ? passed.more : ruledOut;
  const matched = rules.filter((rule) => rule.result === "matched").length;
  const summary = `${looks.length + leftOut + ruledOut} rules, ${matched} matched`;
  const list = el("ol", { class: "plain looks" }, rules.map((rule) => {
    const missed = rule.result.missed;
    return el("li", { class: missed ? "missed" : "matched" },
      el("span", { class: "mark", "aria-hidden": "true" }, missed ? "–" : "✓"),
      el("span", { class: "rule-name" }, ruleName(rule.rule)),
      missed ? wanted(rule, missed) : el("span", { class: "because", dir: "auto" }, rule.because?.join(", ") || "matched"));
  }));
  const rest = leftOut > 0 ? el("p", { class: "soft" }, `${leftOut} more were looked at and are not listed.`) : null;
  const others = unlooked > 0 ? el("p", { class: "soft" }, unlooked === 1
    ? "1 more listens for something that was not there: choose it below."
    : `${unlooked} more listen for something that was not there: choose one below.`) : null;
  return section("Rules", rules.length > UNFOLDED
    ? el("details", {}, el("summary", {}, summary), list, rest, others)
    : [el("p", { class: "soft" }, summary), list, rest, others]);
}

/** What a rule wanted, and what was there instead. */
function wanted({ wants, looked: isLooked }, { condition, seen }) {
  if (!wants && condition === "only") return el("span", { class: "because" }, "only if another rule calls it");
  if (!wants) return el("span", { class: "because" }, el("code", {}, condition), " did not hold", isLooked ? [", seen: ", el("span", { dir: "auto" }, seen)] : null);
  return el("span", { class: "because", dir: "auto" }, `only if ${wants}`, isLooked ? [", seen: ", el("span", { dir: "auto" }, seen)] : null);
}

const STOOD = { stands: ["takes effect", "good"], passed: ["passed on: no effect", ""], failed: ["failed: no effect", "bad"], shadow: ["a shadow: no effect", "", "It ran and is recorded, nothing of it was sent or kept, and the search went on"] };

function happened(step) {
  const [word, tone, means] = STOOD[step.result] ?? [step.result, ""];
  return section(["Rule ", el("span", { class: "rule-name" }, ruleName(step.rule)), " ", badge(word, tone, means)],
    step.runs.length === 0 ? el("p", { class: "soft" }, "No plugin ran.") : null,
    step.runs.map((run) => ran(run, step.result === "shadow")));
}

function ran(run, isShadow) {
  const how = ended(run.result);
  return el("div", { class: "run" },
    el("div", { class: "between" },
      el("h4", {}, "Plugin ", el("span", { class: "rule-name" }, run.plugin)),
      el("span", { class: "soft tabular" }, `${run.fuel.toLocaleString()} fuel`)),
    el("p", { class: `outcome ${how.tone}`.trim() }, how.text),
    run.proposed.length > 0 ? el("ol", { class: "plain proposals" }, run.proposed.map((one) => proposed(one, isShadow))) : el("p", { class: "soft" }, "It asked for nothing."),
    (run.asked ?? []).length > 0 ? el("ol", { class: "plain proposals", "aria-label": "What it asked" }, run.asked.map(inquired)) : null,
    run.log.length > 0 ? el("details", {}, el("summary", {}, `Log, ${run.log.length} ${run.log.length === 1 ? "line" : "lines"}`), el("pre", { tabindex: "0", "aria-label": "Log" }, run.log.join("\n"))) : null);
}

function inquired(one) {
  const { what, came, tone } = lookedUp(one);
  return el("li", {}, el("p", { class: "between" }, el("span", { dir: "auto" }, what), badge(one.took_ms === undefined ? came : `${came} · ${one.took_ms} ms`, tone)));
}

function proposed({ proposal, verdict, checks, drafted_to: desk }, isShadow) {
  const isRefused = verdict.verdict === "refused";
  return el("li", {},
    el("p", { class: "between" }, el("span", {}, asked(proposal)), isRefused ? badge(`${isShadow ? "would be refused" : "refused"}: ${verdict.refusal}`, isShadow ? "" : "bad") : isShadow ? badge("would be admitted", "", "A shadow: nothing of it was sent or kept") : desk ? badge(`a draft at ${desk}`, "warn", "Admitted and not sent: a person looks at it first") : badge("admitted", "good")),
    proposal.message ? bubble(proposal.message, isRefused ? "ours refused" : "ours") : null,
    proposal.quoting ? el("p", { class: "soft" }, "As a reply to the contact's message") : null,
    proposal.note ?? proposal.text ? el("p", { class: "note", dir: "auto" }, proposal.note ?? proposal.text) : null,
    isRefused ? el("p", { class: "cause" }, refused(verdict)) : null,
    checks.length > 0 ? el("details", { open: isRefused },
      el("summary", {}, `The gate's checks, ${checks.length}`),
      el("ol", { class: "checks" }, checks.map((check) => el("li", { class: check.passed ? "passed" : "stopped" },
        el("span", { class: "mark", "aria-hidden": "true" }, check.shadowed ? "!" : check.passed ? "✓" : "✕"),
        el("span", {}, check.name, el("span", { class: "unseen" }, check.shadowed ? " passed, in the shadow" : check.passed ? " passed" : " refused")),
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

