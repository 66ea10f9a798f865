// Rules and plugins: the edition in force, what could be better in it, and what each plugin may reach.

import { badge, cell, code, el, empty, fill, row, table, time } from "./dom.js";

export function open(app) {
  const content = el("div", { class: "scroll" });
  const reload = el("button", { class: "button", type: "button", click: takeUp }, "Take up the files now");
  const root = el("section", { class: "pane", "aria-label": "Rules and plugins" },
    el("div", { class: "bar" }, el("h2", {}, "Rules & plugins"), reload), content);
  let drawn = null;

  async function refresh() {
    const { edition, warnings, refused, tenants, plugins, version } = app.status;
    const now = JSON.stringify([edition, warnings, refused, tenants, plugins, version]);
    if (now === drawn) return;
    drawn = now;
    fill(content, inForce(app.status), warned(warnings), businesses(tenants), loaded(plugins));
  }

  async function takeUp() {
    const before = app.status.edition;
    reload.disabled = true;
    app.announce("Reading the files …");
    try {
      const { edition } = await app.api.act("/v1/reload");
      app.announce(edition === before ? `Nothing changed: edition ${edition} stays in force.` : `Edition ${edition} is in force.`);
    } catch (error) {
      app.announce(error.status === 409 ? "Refused: the banner shows what is wrong. Nothing changed." : `Not read: ${error.message}`);
    } finally {
      reload.disabled = false;
    }
  }

  return { root, refresh };
}

function inForce({ edition, refused, version }) {
  return el("section", { class: "card" },
    el("h3", {}, "In force"),
    el("dl", { class: "facts" },
      el("div", {}, el("dt", {}, "Edition"), el("dd", {}, el("code", {}, edition))),
      el("div", {}, el("dt", {}, "Files as they are now"), el("dd", {}, refused ? badge("refused", "bad") : badge("in force", "good"))),
      el("div", {}, el("dt", {}, "Host"), el("dd", {}, `Tollgate ${version}`))));
}

function warned(warnings) {
  if (warnings.length === 0) return el("section", { class: "card" }, el("h3", {}, "Warnings"), el("p", { class: "soft" }, "None."));
  return el("section", { class: "card" },
    el("h3", {}, "Warnings ", badge(String(warnings.length), "warn")),
    warnings.map((warning) => el("pre", { tabindex: "0", "aria-label": "Warning" }, warning.trimEnd())));
}

function businesses(tenants) {
  const { root, body } = table("Tenants", ["Tenant", "Rules", "Numbers", "Desks", "Mode"]);
  body.append(...tenants.map((tenant) => row({},
    cell({}, el("strong", {}, tenant.title), " ", el("code", {}, tenant.id)),
    cell({ class: "count" }, tenant.rules.toLocaleString()),
    cell({}, el("ul", { class: "plain" }, tenant.numbers.map((number) => el("li", {}, number.title || number.alias, " ", el("code", {}, number.alias), number.simulated ? [" ", badge("simulator")] : null)))),
    cell({}, tenant.desks.join(", ") || "none"),
    cell({}, tenant.mode === "live" ? badge("live", "good") : badge("dry run", "warn")))));
  return el("section", { class: "card" }, el("h3", {}, "Businesses"), root);
}

function loaded(plugins) {
  if (plugins.length === 0) return el("section", { class: "card" }, el("h3", {}, "Plugins"), empty("No plugin is loaded", ["Name one in ", code("tollgate.toml"), ": ", code("[plugin.NAME]")]));
  const { root, body } = table("Plugins", ["Plugin", "Version", "Works", "May reach", "Digest"]);
  body.append(...plugins.map((plugin) => row({},
    cell({}, el("strong", {}, plugin.name)),
    cell({ class: "count" }, plugin.version),
    cell({}, standing(plugin.standings)),
    cell({}, plugin.grants.interfaces.length > 0 ? plugin.grants.interfaces.map((name) => [badge(name), " "]).flat() : el("span", { class: "soft" }, "nothing"),
      plugin.grants.recipients.length > 0 ? el("span", { class: "soft" }, `and writes to ${plugin.grants.recipients.map((phone) => `…${phone.slice(-4)}`).join(", ")}`) : null),
    cell({}, el("code", { title: plugin.digest }, plugin.digest.slice(0, 12))))));
  return el("section", { class: "card" }, el("h3", {}, "Plugins"), root);
}

/** How a plugin stands with the tenants it failed for of late. */
function standing(standings) {
  if (standings.length === 0) return badge("yes", "good");
  return el("ul", { class: "plain" }, standings.map(({ tenant, standing: how, until, count }) => el("li", {}, el("code", {}, tenant), " ",
    how === "trusted" ? badge(`${count} ${count === 1 ? "failure" : "failures"} in a row`, "warn")
      : how === "probing" ? badge("being tried again", "warn")
        : [badge("left alone", "bad"), " until ", time(until)])));
}
