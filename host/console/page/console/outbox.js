// Outbox: every admitted send and where it stands. What needs a person comes first.

import { cell, el, empty, fill, reconcile, row, table, time } from "./dom.js";
import { STATE_WORDS, masked, outgoing, state, stateName } from "./words.js";

const PAGE = 200;
const NEEDS_A_PERSON = ["held", "unknown"];

export function open(app) {
  const { root: list, body } = table("Sends", ["State", "Changed", "To", "Message", "Cause", "Attempts"]);
  list.classList.add("outbox");
  const nothing = el("div");
  const choice = el("select", { id: "state", change: () => { location.hash = app.link(["outbox"], { state: choice.value }); } },
    el("option", { value: "" }, "Every state"), STATE_WORDS.map((word) => el("option", { value: word }, stateName(word))));
  const root = el("section", { class: "pane", "aria-label": "Outbox" },
    el("div", { class: "bar" }, el("h2", {}, "Outbox"), el("label", { class: "filter", for: "state" }, el("span", {}, "State "), choice)),
    el("div", { class: "scroll" }, list, nothing));

  let wanted = "";

  async function refresh() {
    const asked = wanted;
    const states = asked ? [asked] : [...NEEDS_A_PERSON, null];
    const answers = await Promise.all(states.map((name) => app.read("/v1/outbox", { state: name, limit: PAGE })));
    if (asked !== wanted) return;
    const sends = new Map(answers.flatMap((answer) => answer.sends).map((send) => [send.outbound.token, send]));
    show([...sends.values()]);
  }

  function show(sends) {
    // The host gives the newest first; sorting is stable and only lifts what needs a person.
    sends.sort((left, right) => rank(left) - rank(right));
    reconcile(body, sends, (send) => send.outbound.token, line);
    list.hidden = sends.length === 0;
    fill(nothing, sends.length > 0 ? null : wanted
      ? empty(`No send is ${stateName(wanted)}`, "Choose another state, or every state.")
      : empty("Nothing was sent yet", "A send appears here when a plugin asked for it and the gate admitted it. In dry run it stays here, withheld."));
  }

  function line(send) {
    const { outbound } = send;
    return row({ class: NEEDS_A_PERSON.includes(send.state) ? "attention" : null },
      cell({ class: "answer" }, state(send.state)),
      cell({ class: "when" }, time(send.changed_at)),
      cell({ class: "who" }, el("span", { class: "number" }, masked(outbound.to))),
      cell({ class: "what" }, el("a", { class: "said", dir: "auto", href: app.link(["messages", outbound.number, outbound.cause]) }, outgoing(outbound.message))),
      cell({ class: "because" }, send.cause ?? el("span", { class: "soft" }, "–")),
      cell({ class: "count" }, String(send.attempts)));
  }

  function follow(route) {
    const asked = route.parameters.get("state") ?? "";
    wanted = STATE_WORDS.includes(asked) ? asked : "";
    choice.value = wanted;
  }

  return { root, refresh, follow };
}

function rank(send) {
  const place = NEEDS_A_PERSON.indexOf(send.state);
  return place < 0 ? NEEDS_A_PERSON.length : place;
}
