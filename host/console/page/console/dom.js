// Making and updating elements. All text goes in as text: nothing here reads markup.

/** An element with attributes (null leaves one out) and children (null leaves one out). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class" && value === "") continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

/** Puts these in place of what was there. */
export function fill(parent, ...children) {
  parent.replaceChildren(...present(children));
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined);
}

const seen = new WeakMap();

/**
 * Makes a parent's children those of `items`: an element whose item has not changed stays as it is, with its focus and
 * the reader's place in it.
 */
export function reconcile(parent, items, key, make) {
  const old = new Map();
  for (const child of parent.children) old.set(seen.get(child)?.key, child);
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const version = JSON.stringify(item);
    let element = old.get(name);
    old.delete(name);
    if (!element || seen.get(element).version !== version) {
      const fresh = make(item);
      seen.set(fresh, { key: name, version });
      if (element) {
        const focused = element.contains(document.activeElement);
        if (cursor === element) cursor = fresh;
        element.replaceWith(fresh);
        if (focused) fresh.querySelector("a, button")?.focus();
      }
      element = fresh;
    }
    if (element === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(element, cursor);
  }
  for (const left of old.values()) left.remove();
}

/** A table with its head; the body is what `reconcile` fills. Roles are said outright: small screens lay it out as cards. */
export function table(caption, columns) {
  const body = el("tbody", { role: "rowgroup" });
  const root = el("table", { role: "table", class: "records" },
    el("caption", { class: "unseen" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, columns.map((column) => el("th", { role: "columnheader", scope: "col" }, column)))),
    body);
  return { root, body };
}

export function row(attributes, ...cells) {
  return el("tr", { role: "row", ...attributes }, cells);
}

export function cell(attributes, ...children) {
  return el("td", { role: "cell", ...attributes }, children);
}

/** What a view shows when it has nothing: what that means, and what to do next. */
export function empty(title, ...hints) {
  return el("div", { class: "empty" }, el("h3", {}, title), hints.map((hint) => el("p", {}, hint)));
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const MINUTE = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** A moment as people read it: the time today, the day before that. */
export function time(moment) {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  return el("time", { datetime: date.toISOString(), title: WHOLE.format(date) }, (isToday ? CLOCK : DAY).format(date));
}

/** A moment to come, to the minute. */
export function clock(moment) {
  const date = new Date(moment);
  return (date.toDateString() === new Date().toDateString() ? MINUTE : DAY).format(date);
}

export function badge(text, tone = "", title = null) {
  return el("span", { class: `badge ${tone}`.trim(), title }, text);
}

/** A word to type as it stands. */
export function code(text) {
  return el("code", {}, text);
}

export function pause(ms) {
  return new Promise((over) => setTimeout(over, ms));
}
