// The box from which a person writes to a contact. The gate looks at it like at everything else; its no is shown with what it saw.

import { el, fill } from "./dom.js";
import { why } from "./asking.js";

/** `sent` is called when something went out. */
export function box(app, id, sent) {
  const numbers = app.tenant()?.numbers ?? [];
  const from = el("select", { id: "send-from" }, numbers.map((number) => el("option", { value: number.alias }, number.title || number.alias)));
  const kind = el("select", { id: "send-kind", change: follow }, el("option", { value: "text" }, "Words"), el("option", { value: "template" }, "An approved template"));
  const words = el("textarea", { id: "send-words", rows: 3, dir: "auto", spellcheck: "true", "aria-describedby": "send-hint", maxlength: 4096 });
  const name = el("input", { id: "send-template", autocomplete: "off", spellcheck: "false" });
  const language = el("input", { id: "send-language", autocomplete: "off", spellcheck: "false", placeholder: "pt_BR" });
  const category = el("select", { id: "send-category" }, ["utility", "marketing", "authentication"].map((word) => el("option", { value: word }, word)));
  const places = el("textarea", { id: "send-places", rows: 2, dir: "auto" });
  const template = el("div", { class: "fields" },
    field("Template", name), field("Language", language), field("Category", category), field("What fills its places, a line each", places));
  const text = el("div", { class: "fields" }, field("Message", words), el("p", { class: "soft hint", id: "send-hint" }, "Ctrl+Enter sends."));
  const said = el("div", { role: "alert", class: "refusal" });
  const button = el("button", { class: "button primary", type: "submit" }, "Send");
  const root = el("form", { class: "send-box", "aria-label": "Send a message", submit },
    el("div", { class: "fields row" }, numbers.length > 1 ? field("From", from) : null, field("What", kind)), text, template, said, el("div", { class: "choices" }, button));
  // What is sent again unchanged, because its answer was lost, is sent once; what was changed is another message.
  let key = fresh();

  root.addEventListener("input", () => { key = fresh(); });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  });
  follow();

  function follow() {
    template.hidden = kind.value !== "template";
    text.hidden = kind.value !== "text";
  }

  function message() {
    if (kind.value === "text") return { kind: "text", body: words.value };
    const parameters = places.value.split("\n").filter(Boolean).map((line) => ({ text: line }));
    return { kind: "template", name: name.value.trim(), language: language.value.trim(), category: category.value, parameters, buttons: [] };
  }

  async function submit(event) {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    fill(said);
    try {
      await app.act("/v1/send", { to: `c${id}`, from: from.value || null, message: message() }, { "idempotency-key": key });
      words.value = "";
      key = fresh();
      app.announce("On its way.");
      sent();
    } catch (error) {
      // Nobody knows whether an answer that was lost was a yes: the same key asks again.
      if (error.status > 0 && error.status < 500) key = fresh();
      refuse(error);
    } finally {
      button.disabled = false;
    }
  }

  function refuse(error) {
    const checks = error.problem?.checks ?? [];
    fill(said,
      el("p", { class: "cause" }, `Not sent: ${why(error)}.`),
      error.problem?.help ? el("p", {}, `What helps: ${error.problem.help}.`) : null,
      checks.length === 0 ? null : el("details", {}, el("summary", {}, "What the gate looked at"),
        el("ul", { class: "checks" }, checks.map((check) => el("li", { class: check.passed ? "passed" : "stopped" },
          el("span", { class: "mark", "aria-hidden": "true" }, check.passed ? "✓" : "✗"), el("span", {}, check.name, el("span", { class: "unseen" }, check.passed ? " passed" : " refused")), el("span", { class: "because" }, check.saw))))));
  }

  return root;
}

function field(label, input) {
  return el("div", { class: "field" }, el("label", { for: input.id }, label), input);
}

/** A name that no other send has. */
function fresh() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
