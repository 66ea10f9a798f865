// Dialogs: what is asked before something is done that others will notice. Escape goes back; what went wrong is said where it was asked.

import { el, fill } from "./dom.js";
import { refused } from "./words.js";

const NAME = "tollgate-name";

/** Who does it, as they called themselves last. */
export function nameField() {
  return { name: "by", label: "Your name", optional: true, value: localStorage.getItem(NAME) ?? "", most: 60 };
}

/**
 * Asks, and does it. A field is a line, a text (`rows`) or a choice (`options`, pairs of value and words), and may depend on what was
 * chosen before it (`when`, a field's name and its value); `act` gets the values by name and may fail, which is told in the dialog.
 * Ends with true if it was done.
 */
export function ask({ title, text = [], fields = [], verb, tone = "primary", act }) {
  return new Promise((ended) => {
    const said = el("p", { class: "form-error", role: "alert" });
    const inputs = new Map();
    const drawn = fields.map((field) => {
      const id = `ask-${field.name}`;
      const common = { id, required: !field.optional, maxlength: field.most ?? null, autocomplete: "off" };
      const input = field.options ? el("select", { id }, field.options.map(([value, words]) => el("option", { value }, words)))
        : field.rows ? el("textarea", { ...common, rows: field.rows, dir: "auto" })
          : el("input", { ...common, type: "text", dir: "auto" });
      if (field.value) input.value = field.value;
      inputs.set(field.name, input);
      const place = el("div", { class: "field" }, el("label", { for: id }, field.label, field.optional ? el("span", { class: "soft" }, " (if you like)") : null), input);
      if (field.when) {
        const [other, value] = field.when;
        const choice = inputs.get(other);
        const follow = () => { place.hidden = input.disabled = choice.value !== value; };
        choice.addEventListener("change", follow);
        follow();
      }
      return place;
    });
    const doing = el("button", { class: `button ${tone}`, type: "submit" }, verb);
    const back = el("button", { class: "button", type: "button", click: () => dialog.close() }, "Go back");
    const form = el("form", {}, el("h2", { id: "ask-title" }, title), text.map((line) => el("p", {}, line)), drawn, said, el("div", { class: "choices" }, doing, back));
    const dialog = el("dialog", { class: "card ask", "aria-labelledby": "ask-title" }, form);
    let isDone = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (doing.disabled) return;
      doing.disabled = true;
      said.textContent = "";
      const values = Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim() || null]));
      try {
        await act(values);
        if (values.by) localStorage.setItem(NAME, values.by);
        isDone = true;
        dialog.close();
      } catch (error) {
        fill(said, `Not done: ${why(error)}.`);
        doing.disabled = false;
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      ended(isDone);
    });
    document.body.append(dialog);
    dialog.showModal();
    (inputs.values().next().value ?? back).focus();
  });
}

/** What went wrong, in a sentence without its full stop. */
export function why(error) {
  return error.problem?.refusal ? refused(error.problem) : error.message;
}
