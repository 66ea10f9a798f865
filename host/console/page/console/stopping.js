// The stop switch: visible from every view while something is stopped, with who, why and since when; thrown and lifted here.

import { el, fill, time } from "./dom.js";
import { ask, nameField } from "./asking.js";

/** The strip above every view, and the button in the header. */
export function open(app, strip, button) {
  let shown = null;

  button.addEventListener("click", stop);

  function show() {
    const tenant = app.tenant();
    const stops = tenant?.stops ?? [];
    button.hidden = !tenant || stops.some((stop) => stop.target === "tenant");
    const version = JSON.stringify([tenant?.id, stops]);
    if (version === shown) return;
    shown = version;
    strip.hidden = stops.length === 0;
    fill(strip, stops.length === 0 ? null : [
      el("h2", {}, stops.some((stop) => stop.target === "tenant") ? "Sending is stopped" : "Some sending is stopped"),
      el("ul", { class: "plain stops", role: "alert" }, stops.map(line))]);
  }

  function line(stop) {
    return el("li", {},
      el("span", {}, el("strong", {}, capital(named(stop))), `: ${stop.why} `,
        el("span", { class: "soft" }, `${by(stop)}, since `, time(stop.at))),
      el("button", { class: "button", type: "button", click: () => lift(stop) }, "Let it go on", el("span", { class: "unseen" }, `: ${named(stop)}`)));
  }

  async function stop() {
    const numbers = app.tenant()?.numbers ?? [];
    const done = await ask({
      title: "Stop sending",
      text: ["Nothing of it leaves any more, from the next send on, and also after a restart, until somebody lets it go on. What waits to leave is taken back. Messages still come in."],
      fields: [
        { name: "target", label: "What", options: [["tenant", "Everything"], ...numbers.map((number) => [`number ${number.id}`, `Number ${number.title || number.alias}`]), ["template", "One template"]] },
        { name: "template", label: "Template", most: 512, when: ["target", "template"] },
        { name: "why", label: "Why", most: 500 },
        nameField(),
      ],
      verb: "Stop",
      tone: "danger",
      act: ({ target, template, why, by: who }) => app.act("/v1/stops", { target: meant(target, template), why, by: who }),
    });
    if (done) app.announce("Stopped.");
    app.refresh();
  }

  async function lift(stop) {
    const done = await ask({
      title: `Let ${named(stop)} send again?`,
      text: [`It was stopped because: ${stop.why}`, "What was taken back meanwhile stays so; what comes from now on is sent."],
      fields: [nameField()],
      verb: "Let it go on",
      act: ({ by: who }) => app.undo(["/v1/stops", ...path(stop)].join("/"), { by: who }),
    });
    if (done) app.announce(`${capital(named(stop))} may send again.`);
    app.refresh();
  }

  return { show };
}

function meant(target, template) {
  if (target === "tenant") return "tenant";
  if (target === "template") return { template };
  return { number: target.replace(/^number /, "") };
}

function path({ target }) {
  if (target === "tenant") return ["tenant"];
  return target.number ? ["number", encodeURIComponent(target.number)] : ["template", encodeURIComponent(target.template)];
}

function named({ target, alias }) {
  if (target === "tenant") return "everything";
  return target.number ? `the number ${alias ?? target.number}` : `the template ${target.template}`;
}

function by(stop) {
  if (stop.by.network) return `by WhatsApp (${stop.by.network})`;
  return stop.by.operator ? `by ${stop.by.operator}` : "by an operator";
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
