// The console's beginning: which view is shown, what the header says, and the one call that waits for news.

import { Api, Failed } from "./console/api.js";
import { el, fill, pause, reconcile } from "./console/dom.js";
import * as contacts from "./console/contacts.js";
import * as deadLetters from "./console/dead-letters.js";
import * as handOffs from "./console/hand-offs.js";
import * as messages from "./console/messages.js";
import * as notices from "./console/notices.js";
import * as outbox from "./console/outbox.js";
import * as rules from "./console/rules.js";
import * as stopping from "./console/stopping.js";

const VIEWS = [
  { path: "messages", title: "Messages", open: messages.open },
  { path: "contacts", title: "Contacts", open: contacts.open },
  { path: "hand-offs", title: "Hand-offs", open: handOffs.open },
  { path: "outbox", title: "Outbox", open: outbox.open, count: (counts) => counts.unknown, means: "of unknown outcome" },
  { path: "dead-letters", title: "Dead letters", open: deadLetters.open, count: (counts) => counts.dead_letters, means: "dead letters" },
  { path: "notices", title: "Notices", open: notices.open },
  { path: "rules", title: "Rules & plugins", open: rules.open },
];

/** How long one call waits for news. */
const WAIT_MS = 20_000;
/** Between two answers: news may come faster than anyone reads. */
const BREATH_MS = 400;
/** Between attempts to reach a host that does not answer. */
const BACKOFF_MS = [1_000, 2_000, 5_000, 10_000];

const at = (id) => document.getElementById(id);
const api = new Api();

/** What every view can reach. */
const app = {
  api,
  status: null,
  /** The host's time minus ours. */
  skew: 0,
  now: () => Date.now() + app.skew,
  tenant: () => app.status?.tenants.find((tenant) => tenant.id === route.tenant) ?? app.status?.tenants[0] ?? null,
  read: (path, query = {}) => api.read(path, { tenant: app.tenant()?.id, ...query }),
  act: (path, body = null, headers = {}) => api.act(path, { tenant: app.tenant()?.id }, body, headers),
  undo: (path, query = {}) => api.undo(path, { tenant: app.tenant()?.id, ...query }),
  link: (path, query = {}) => hash(path, query),
  announce,
  mention,
  refresh,
};

const stops = stopping.open(app, at("stopped"), at("stop"));

let route = parse();
let view = null;
let shown = null;

function parse() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decoded);
  const parameters = new URLSearchParams(query ?? "");
  const known = VIEWS.some((candidate) => candidate.path === parts[0]);
  return { view: known ? parts[0] : "messages", rest: known ? parts.slice(1) : [], tenant: parameters.get("tenant"), parameters };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function hash(parts, query = {}) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  if (app.status?.tenants.length > 1) parameters.set("tenant", app.tenant().id);
  const tail = parameters.toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${tail ? `?${tail}` : ""}`;
}

/** Says it on the status line: what came of something that the reader did. */
function announce(text) {
  say("line", text);
}

/** Tells those who listen what others see happen. */
function mention(text) {
  say("spoken", text);
}

function say(place, text) {
  // Emptied first, so that the same words are spoken again.
  at(place).textContent = "";
  requestAnimationFrame(() => { at(place).textContent = text; });
}

function navigate() {
  route = parse();
  if (!app.status) return;
  const wanted = VIEWS.find((candidate) => candidate.path === route.view);
  const key = `${wanted.path} ${app.tenant()?.id}`;
  if (shown !== key) {
    view = wanted.open(app);
    shown = key;
    fill(at("main"), view.root);
    at("line").textContent = "";
    at("main").scrollTop = 0;
  }
  view.follow?.(route);
  document.title = `${wanted.title} · ${app.tenant()?.title ?? "Tollgate"} · Tollgate`;
  header();
  refresh();
}

let refreshing = null;
let again = false;

/** Reads what the view shows. Asked for while it runs, it runs once more afterwards. */
async function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      const current = view;
      try {
        await current?.refresh();
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        if (error.status === 401) askForKey();
        else if (error.status > 0) announce(`This could not be read: ${error.message}`);
      }
    } while (again);
  })();
  try {
    await refreshing;
  } finally {
    refreshing = null;
  }
}

let news = null;

async function live() {
  let failures = 0;
  for (;;) {
    try {
      const status = await api.read("/v1/status", news === null ? {} : { after: news, wait_ms: WAIT_MS });
      const first = app.status === null;
      news = status.news;
      failures = 0;
      app.status = status;
      app.skew = status.now - Date.now();
      connection("live", "Live");
      if (first) navigate();
      else {
        header();
        await refresh();
      }
      await pause(BREATH_MS);
    } catch (error) {
      if (!(error instanceof Failed)) console.error(error);
      news = null;
      if (error.status === 401) {
        await askForKey();
        continue;
      }
      connection("lost", error.status > 0 ? error.message : "No connection, trying again");
      await pause(BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]);
      failures += 1;
    }
  }
}

function connection(state, text) {
  const place = at("connection");
  if (place.dataset.state === state && place.textContent === text) return;
  place.dataset.state = state;
  place.textContent = text;
}

let asking = null;

/** Shows the form for the key, and ends when one was given that the host takes. */
function askForKey() {
  asking ??= new Promise((taken) => {
    connection("locked", "Locked");
    const wasRefused = api.hasKey();
    api.forget();
    shown = null;
    view = null;
    const input = el("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true, "aria-describedby": "key-help" });
    const said = el("p", { class: "form-error", role: "alert" }, wasRefused ? "The host does not take that key any more." : "");
    const form = el("form", { class: "card key-form" },
      el("h2", {}, "This host asks for its API key"),
      el("p", { id: "key-help" }, "It is the key that tollgate.toml names for the console. It stays in this tab and is gone when you close it."),
      el("label", { for: "key" }, "API key"), input, said,
      el("button", { class: "button primary", type: "submit" }, "Connect"));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      api.keep(input.value);
      try {
        await api.read("/v1/status");
      } catch (error) {
        if (error.status === 401) api.forget();
        said.textContent = error.status === 401 ? "The host does not take this key." : error.message;
        input.select();
        return;
      }
      asking = null;
      app.status = null;
      news = null;
      taken();
    });
    fill(at("main"), form);
    at("banner").hidden = true;
    at("stopped").hidden = true;
    at("stop").hidden = true;
    at("forget").hidden = true;
    input.focus();
  });
  return asking;
}

/** Everything around the view: title, mode, counts, links, banner. */
function header() {
  const { status } = app;
  const tenant = app.tenant();
  at("title").textContent = tenant?.title ?? "No tenant";
  tenants();
  mode(tenant);
  counts(status.counts);
  at("edition").textContent = `Edition ${status.edition}`;
  at("forget").hidden = !api.hasKey();
  phone(status.links.phone);
  stops.show();
  banner(status);
  const entries = VIEWS.map(({ path, title, count, means }) =>
    ({ path, title, means, many: count?.(status.counts) ?? 0, href: hash([path]), current: path === route.view }));
  reconcile(at("views"), entries, (entry) => entry.path, (entry) => el("li", {},
    el("a", { href: entry.href, "aria-current": entry.current ? "page" : null },
      entry.title,
      entry.many > 0 ? el("span", { class: "tally" }, String(entry.many), el("span", { class: "unseen" }, ` ${entry.means}`)) : null)));
}

function tenants() {
  const { tenants: all } = app.status;
  at("tenant-choice").hidden = all.length < 2;
  at("title").classList.toggle("unseen", all.length > 1);
  const select = at("tenant");
  if (select.options.length !== all.length) {
    fill(select, ...all.map((tenant) => el("option", { value: tenant.id }, tenant.title)));
  }
  if (all.length > 1) select.value = app.tenant().id;
}

function mode(tenant) {
  const badge = at("mode");
  badge.hidden = !tenant;
  if (!tenant) return;
  const simulated = tenant.numbers.length > 0 && tenant.numbers.every((number) => number.simulated);
  const [word, tone, means] = simulated
    ? ["Simulator", "calm", "Sends go to the simulator: no real phone gets anything"]
    : tenant.mode === "live"
      ? ["Live", "good", "Sends reach real phones"]
      : ["Dry run", "warn", "Sends are decided and recorded, and stay here"];
  badge.textContent = word;
  badge.className = `badge ${tone}`;
  badge.title = means;
}

function counts(counts) {
  const place = at("counts");
  place.hidden = false;
  const entries = [["Waiting", counts.undone], ["To send", counts.ready], ["Unknown", counts.unknown], ["Contacts", counts.contacts]];
  fill(place, ...entries.map(([name, value]) =>
    el("div", { class: name === "Unknown" && value > 0 ? "warn" : "" }, el("dt", {}, name), el("dd", {}, value.toLocaleString()))));
}

function phone(address) {
  const link = at("phone");
  const fits = address && URL.canParse(address) && ["http:", "https:"].includes(new URL(address).protocol);
  link.hidden = !fits;
  if (fits) link.href = address;
}

let refusedShown = null;

function banner(status) {
  const place = at("banner");
  const faults = status.refused?.join("\n") ?? null;
  if (faults === refusedShown && place.hidden === (faults === null)) return;
  refusedShown = faults;
  place.hidden = faults === null;
  if (faults === null) {
    fill(place);
    return;
  }
  fill(place,
    el("h2", {}, "The last change was refused as a whole"),
    el("p", { role: "alert" }, `Edition ${status.edition} stays in force and goes on answering. Mend what is shown here; saving the file is enough.`),
    el("pre", { tabindex: "0", "aria-label": "What is wrong" }, faults.trimEnd()));
}

at("skip").addEventListener("click", (event) => {
  event.preventDefault();
  at("main").focus();
});
at("tenant").addEventListener("change", (event) => {
  location.hash = `#/${route.view}?tenant=${encodeURIComponent(event.target.value)}`;
});
at("forget").addEventListener("click", () => {
  api.forget();
  location.reload();
});
addEventListener("hashchange", navigate);
live();
