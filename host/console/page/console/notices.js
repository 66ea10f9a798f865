// Notices: what the network told beside messages and statuses, and what could not be read. All of it is kept as it came.

import { badge, cell, code, el, empty, fill, reconcile, row, table, time } from "./dom.js";
import { raw } from "./raw.js";
import { told } from "./told.js";

const PAGE = 200;
const UNCLAIMED = "_unclaimed";

export function open(app) {
  const { root: list, body } = table("Notices, newest first", ["Time", "What", "Kind", "Number"]);
  list.classList.add("notices");
  const nothing = el("div");
  const choice = el("select", { id: "kind", change: go });
  const nobodys = el("input", { type: "checkbox", role: "switch", id: "unclaimed", change: () => { choice.value = ""; go(); } });
  const help = el("p", { class: "soft" });
  const root = el("section", { class: "pane", "aria-label": "Notices" },
    el("div", { class: "bar" }, el("h2", {}, "Notices"), help,
      el("label", { class: "switch", for: "unclaimed" }, nobodys, el("span", {}, "On numbers that nobody owns")),
      el("label", { class: "filter", for: "kind" }, el("span", {}, "Kind "), choice)),
    el("div", { class: "scroll" }, list, nothing));

  let wanted = { kind: "", unclaimed: false };
  let kinds = new Set();

  function go() {
    location.hash = app.link(["notices"], { kind: choice.value, unclaimed: nobodys.checked ? "yes" : "" });
  }

  async function refresh() {
    const asked = wanted;
    // Left out, the tenant is the one on show.
    const of = asked.unclaimed ? { tenant: UNCLAIMED } : {};
    // With a filter on, the newest of all kinds still say what there is to choose.
    const filters = asked.kind ? [null, asked.kind] : [null];
    const answers = await Promise.all(filters.map((kind) => app.read("/v1/notices", { ...of, kind, limit: PAGE })));
    if (asked !== wanted) return;
    answers.forEach((answer) => answer.notices.forEach((notice) => kinds.add(notice.kind)));
    offer();
    show(answers.at(-1).notices);
  }

  /** The kinds seen so far, in the order of the alphabet. Drawn again only when there is another: an open list stays open. */
  function offer() {
    const offered = ["", ...[...new Set([...kinds, wanted.kind])].filter(Boolean).sort()];
    if (offered.join("\n") !== [...choice.options].map((option) => option.value).join("\n")) {
      fill(choice, ...offered.map((kind) => el("option", { value: kind }, kind || "Every kind")));
    }
    choice.value = wanted.kind;
  }

  function show(notices) {
    // Two of the same moment may look alike: the second of them counts on.
    const seen = new Map();
    const keyed = notices.map((notice) => {
      const name = `${notice.at} ${notice.number} ${notice.notice} ${notice.kind}`;
      const place = seen.get(name) ?? 0;
      seen.set(name, place + 1);
      return { name: `${name} ${place}`, notice, numbers: app.tenant()?.numbers ?? [] };
    });
    reconcile(body, keyed, (item) => item.name, line);
    list.hidden = notices.length === 0;
    fill(nothing, notices.length > 0 ? null : none());
  }

  function none() {
    if (wanted.kind) return empty("No notice of this kind", "Choose another kind, or every kind.");
    if (wanted.unclaimed) return empty("Nothing on numbers that nobody owns", "What comes in on a number that no tenant has in tollgate.toml is kept here, unanswered.");
    return empty("Nothing but messages and statuses so far",
      "What WhatsApp tells beside them stands here: templates, quality, calls, the account. So does whatever could not be read, with its cause.");
  }

  function line({ notice, numbers }) {
    const { text, tone } = told(notice);
    const isUnreadable = notice.notice === "unreadable";
    return row({ class: isUnreadable ? "attention" : null },
      cell({ class: "when" }, time(notice.at)),
      cell({ class: "what" },
        el("p", { class: `says ${tone}`.trim(), dir: "auto" }, text),
        notice.cause ? el("p", { class: "cause", dir: "auto" }, notice.cause) : null,
        raw(app, notice.kind, notice.raw)),
      cell({ class: "kind" }, named(notice.kind), isUnreadable ? [" ", badge("unreadable", "bad")] : null,
        // Another network's notices are called after it, unless they could not be read.
        notice.channel === "whatsapp" || notice.channel === notice.kind ? null : [" ", badge(notice.channel)]),
      cell({ class: "on" }, number(notice.number, numbers)));
  }

  function follow(route) {
    const next = { kind: route.parameters.get("kind") ?? "", unclaimed: route.parameters.has("unclaimed") };
    if (next.unclaimed !== wanted.unclaimed) kinds = new Set();
    wanted = next;
    nobodys.checked = wanted.unclaimed;
    help.textContent = wanted.unclaimed ? "Kept as it came, and never answered." : "What is told beside messages. Kept as it came.";
    offer();
  }

  return { root, refresh, follow };
}

/** A kind's name, which may break where its words do. */
function named(kind) {
  return el("code", {}, kind.split("_").flatMap((word, place) => place > 0 ? [el("wbr"), `_${word}`] : [word]));
}

/** The host's word for a notice that named no number. */
const NO_NUMBER = "none";

function number(id, numbers) {
  if (id === NO_NUMBER) return el("span", { class: "soft" }, "no number");
  const known = numbers.find((candidate) => candidate.id === id);
  return known ? known.title || known.alias : code(id);
}
