// Drafts: replies that rules wrote and that wait for a person, who sends, changes or drops each.

import { badge, code, el, fill, reconcile, time } from "./dom.js";
import { bubble, called, person, received, refused } from "./words.js";

const PAGE = 200;

/** Messages whose words a person may change, and where they stand. */
const WORDS = { text: "body", buttons: "body", menu: "body", link: "body", media: "caption" };

export function open(app) {
  const heading = el("h3", { tabindex: "-1", id: "drafts-heading" }, "Waiting for your approval");
  const cards = el("div", { class: "drafts" });
  const root = el("section", { class: "waiting", "aria-labelledby": "drafts-heading", hidden: true },
    heading,
    el("p", { class: "soft" }, "Rules with ", code("draft_to"), " wrote these replies. Nothing goes out before you send it; what you change stays yours until then."),
    cards);

  /** What was typed and what came of the last try, by draft: a card may be drawn anew while somebody writes. */
  const typed = new Map();
  const told = new Map();
  let known = null;

  async function refresh() {
    let found = [];
    let after = 0;
    for (;;) {
      const page = await app.read("/v1/drafts", { state: "pending", after, limit: PAGE });
      found = [...found, ...page.drafts];
      after = page.next;
      if (page.drafts.length < PAGE) break;
    }
    const fresh = known === null ? [] : found.filter((draft) => !known.has(draft.id));
    known = new Set(found.map((draft) => draft.id));
    for (const memory of [typed, told]) for (const id of memory.keys()) if (!known.has(id)) memory.delete(id);
    const focused = cards.contains(document.activeElement) ? document.activeElement.closest(".draft") : null;
    const next = focused?.nextElementSibling ?? focused?.previousElementSibling ?? null;
    reconcile(cards, found.map(lean), (item) => item.id, card);
    root.hidden = found.length === 0;
    // Where the reader was is gone: the next one is nearest.
    if (focused && !cards.contains(document.activeElement)) (next?.isConnected ? next.querySelector("textarea, button") : heading)?.focus();
    if (fresh.length === 1) app.mention(`A reply to ${called(fresh[0].contact.name, fresh[0].contact.key)} waits for approval`);
    if (fresh.length > 1) app.mention(`${fresh.length} replies wait for approval`);
    return found.length;
  }

  /** What a card shows, and nothing else: it is drawn again only when this changes. */
  function lean({ id, desk, rule, at, number, message, asked, contact, outbound }) {
    return { id, desk, rule, at, number, message, asked, name: contact.name, key: contact.key, answer: outbound.message };
  }

  function card(item) {
    const { id, answer } = item;
    const whom = called(item.name, item.key);
    const place = WORDS[answer.kind];
    const was = answer[place] ?? "";
    const said = el("p", { class: "cause", role: "alert" }, told.get(id) ?? null);
    const field = place ? el("textarea", {
      id: `words-${id}`, dir: "auto", rows: Math.min(10, Math.max(3, was.split("\n").length + Math.floor(was.length / 90))), spellcheck: "true",
      "aria-describedby": `hint-${id}`,
      input: () => typed.set(id, field.value),
      keydown: (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        send();
      },
    }) : null;
    if (field) field.value = typed.get(id) ?? was;
    const sending = el("button", { class: "button primary", type: "button", click: send }, "Send", el("span", { class: "unseen" }, ` this reply to ${whom}`));
    const dropping = el("button", { class: "button", type: "button", click: drop }, "Drop", el("span", { class: "unseen" }, ` this reply to ${whom}`));

    function send() {
      const words = field && field.value !== was ? { text: field.value } : {};
      return act("send", words, `Sent to ${whom}.`, "Not sent");
    }

    function drop() {
      return act("drop", {}, `Dropped: ${whom} will not get it.`, "Not dropped");
    }

    async function act(what, body, done, not) {
      if (sending.disabled) return;
      const pressed = document.activeElement;
      for (const button of [sending, dropping]) button.disabled = true;
      tell(null);
      try {
        await app.act(`/v1/drafts/${encodeURIComponent(id)}/${what}`, body);
        typed.delete(id);
        app.announce(done);
      } catch (error) {
        const why = error.problem?.refusal ? refused(error.problem) : error.message;
        if (error.status === 409) app.announce(`${not}: somebody was quicker, ${why}.`);
        else {
          tell(`${not}: ${why}.${error.status === 422 ? " It waits here as before." : ""}`);
          app.announce(`${not}: ${why}.`);
        }
      } finally {
        for (const button of [sending, dropping]) button.disabled = false;
        // A button that was disabled lost the focus, and refreshing looks where it is.
        if (pressed?.isConnected) pressed.focus();
        app.refresh();
      }
    }

    function tell(words) {
      if (words === null) told.delete(id);
      else told.set(id, words);
      fill(said, words);
    }

    return el("article", { class: "draft", "aria-label": `Draft ${id} for ${whom}` },
      el("div", { class: "between" }, person(item.name, item.key),
        el("span", { class: "meta" }, badge(item.desk), el("span", {}, `rule ${item.rule}`), el("span", {}, id), time(item.at),
          el("a", { href: app.link(["messages", item.number, item.message]) }, "See why", el("span", { class: "unseen" }, ` ${id} was written`)))),
      item.asked ? received(item.asked) : null,
      answer.kind === "text" ? null : bubble(answer, "ours"),
      field ? el("label", { for: `words-${id}` }, answer.kind === "media" ? "Caption" : "Reply") : null,
      field,
      field ? el("p", { class: "soft hint", id: `hint-${id}` }, "Change what you like. Ctrl+Enter sends.") : null,
      said,
      el("div", { class: "choices" }, sending, dropping));
  }

  return { root, refresh };
}
