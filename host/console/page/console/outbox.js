// Outbox: every admitted send and where it stands. What needs a person comes first, with its evidence and what can be done.

import { cell, code, el, empty, fill, reconcile, row, table, time } from "./dom.js";
import { ask, nameField } from "./asking.js";
import { STATE_WORDS, masked, outgoing, state, stateName } from "./words.js";

const PAGE = 200;
const NEEDS_A_PERSON = ["held", "unknown"];

export function open(app) {
  const { root: list, body } = table("Sends", ["State", "Changed", "To", "Message", "Cause", "Attempts"]);
  list.classList.add("outbox");
  const nothing = el("div");
  const alerts = el("section", { class: "waiting", "aria-label": "Alerts", hidden: true });
  const choice = el("select", { id: "state", change: () => { location.hash = app.link(["outbox"], { state: choice.value }); } },
    el("option", { value: "" }, "Every state"), STATE_WORDS.map((word) => el("option", { value: word }, stateName(word))));
  const root = el("section", { class: "pane", "aria-label": "Outbox" },
    el("div", { class: "bar" }, el("h2", {}, "Outbox"), el("label", { class: "filter", for: "state" }, el("span", {}, "State "), choice)),
    el("div", { class: "scroll" }, alerts, list, nothing));

  let wanted = "";
  let alertsShown = null;

  async function refresh() {
    const asked = wanted;
    const states = asked ? [asked] : [...NEEDS_A_PERSON, null];
    const answers = await Promise.all(states.map((name) => app.read("/v1/outbox", { state: name, limit: PAGE })));
    const sends = new Map(answers.flatMap((answer) => answer.sends).map((send) => [send.outbound.token, { send, evidence: null }]));
    if ([...sends.values()].some(({ send }) => NEEDS_A_PERSON.includes(send.state))) {
      for (const { send, ...evidence } of (await app.read("/v1/held", { limit: PAGE })).held) {
        const known = sends.get(send.outbound.token);
        if (known) known.evidence = evidence;
      }
    }
    const raised = (await app.read("/v1/alerts")).alerts;
    if (asked !== wanted) return;
    alert(raised);
    show([...sends.values()]);
  }

  /** What WhatsApp said that a person has to act on. Drawn again only when there is more to say. */
  function alert(raised) {
    const version = JSON.stringify(raised);
    if (version === alertsShown) return;
    alertsShown = version;
    alerts.hidden = raised.length === 0;
    fill(alerts, el("h3", {}, "WhatsApp asks for a person"), el("ul", { class: "plain lately" }, raised.map(({ what, fix, at, times }) => el("li", {},
      time(at), " ", el("span", { class: "cause" }, what), times > 1 ? el("span", { class: "soft" }, ` (${times.toLocaleString()} times)`) : null,
      fix ? [" ", el("span", { class: "soft" }, "Once its cause is gone: "), code(fix)] : null))));
  }

  function show(items) {
    // The host gives the newest first; sorting is stable and only lifts what needs a person.
    items.sort((left, right) => rank(left.send) - rank(right.send));
    reconcile(body, items, ({ send }) => send.outbound.token, line);
    list.hidden = items.length === 0;
    fill(nothing, items.length > 0 ? null : wanted
      ? empty(`No send is ${stateName(wanted)}`, "Choose another state, or every state.")
      : empty("Nothing was sent yet", "A send appears here when a plugin asked for it and the gate admitted it. In dry run it stays here, withheld."));
  }

  function line({ send, evidence }) {
    const { outbound } = send;
    return row({ class: NEEDS_A_PERSON.includes(send.state) ? "attention" : null },
      cell({ class: "answer" }, state(send.state)),
      cell({ class: "when" }, time(send.changed_at)),
      cell({ class: "who" }, el("a", { class: "number", href: app.link(["contacts", String(outbound.contact)]) }, masked(outbound.to))),
      cell({ class: "what" }, said(outbound)),
      cell({ class: "because" }, send.cause ?? el("span", { class: "soft" }, "–"), evidence ? known(evidence) : null, send.state === "held" ? decisions(send) : null),
      cell({ class: "count" }, String(send.attempts)));
  }

  /** What no message caused has no why: a person wrote it. */
  function said({ message, number, cause, token }) {
    if (cause === token) return el("span", { class: "said", dir: "auto" }, outgoing(message), el("span", { class: "soft" }, " (a person wrote it)"));
    return el("a", { class: "said", dir: "auto", href: app.link(["messages", number, cause]) }, outgoing(message));
  }

  function decisions(send) {
    const to = masked(send.outbound.to);
    return el("div", { class: "choices" },
      el("button", { class: "button", type: "button", click: () => decide(send, "resend") }, "Send again", el("span", { class: "unseen" }, ` to ${to}`)),
      el("button", { class: "button", type: "button", click: () => decide(send, "drop") }, "Give up", el("span", { class: "unseen" }, `: the send to ${to}`)));
  }

  async function decide(send, what) {
    const to = masked(send.outbound.to);
    const words = outgoing(send.outbound.message);
    const done = await ask(what === "resend"
      ? { title: `Send it to ${to} once more?`, text: [`“${words}”`, "Nobody knows whether they have it already: then they get it twice. The gate looks at it once more."], fields: [nameField()], verb: "Send again", act }
      : { title: `Give up the send to ${to}?`, text: [`“${words}”`, "It is not sent again. If it did leave after all, a status may still say so."], fields: [nameField()], verb: "Give up", tone: "danger", act });
    if (done) app.announce(what === "resend" ? `It goes to ${to} once more.` : `Given up: ${to} is not sent it again.`);
    app.refresh();

    function act(values) {
      return app.act(`/v1/held/${encodeURIComponent(send.outbound.token)}/${what}`, values);
    }
  }

  function follow(route) {
    const asked = route.parameters.get("state") ?? "";
    wanted = STATE_WORDS.includes(asked) ? asked : "";
    choice.value = wanted;
  }

  return { root, refresh, follow };
}

/** What speaks for and against its having left. */
function known({ since, resent, later_confirmed }) {
  const words = [
    later_confirmed ? "later sends of this number got their status: it probably never left" : "no later send of this number got its status",
    resent ? "it was sent once more already" : null,
  ].filter(Boolean).join("; ");
  return el("p", { class: "soft" }, "Unknown since ", time(since), `: ${words}.`);
}

function rank(send) {
  const place = NEEDS_A_PERSON.indexOf(send.state);
  return place < 0 ? NEEDS_A_PERSON.length : place;
}
