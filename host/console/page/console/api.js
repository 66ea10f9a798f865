// Calls to the host that served this page, and to no other.

const KEY = "tollgate-key";

/** Longer than any call waits for news. */
const PATIENCE_MS = 40_000;

/** A call that brought no answer (status 0) or a problem. */
export class Failed extends Error {
  constructor(status, message, problem = null) {
    super(message);
    this.status = status;
    this.problem = problem;
  }
}

export class Api {
  #key = sessionStorage.getItem(KEY);

  hasKey() {
    return this.#key !== null;
  }

  /** Keeps a key for as long as this tab lives. */
  keep(key) {
    this.#key = key.trim();
    sessionStorage.setItem(KEY, this.#key);
  }

  forget() {
    this.#key = null;
    sessionStorage.removeItem(KEY);
  }

  read(path, query = {}) {
    return this.#call("GET", path, query);
  }

  /** A change; the body, if there is one, goes as JSON. */
  act(path, query = {}, body = null, more = {}) {
    return this.#call("POST", path, query, body, more);
  }

  /** Takes back what an earlier call did. */
  undo(path, query = {}) {
    return this.#call("DELETE", path, query);
  }

  async #call(method, path, query, sent = null, more = {}) {
    const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null));
    const tail = parameters.toString();
    const headers = { accept: "application/json", ...more };
    if (this.#key !== null) headers.authorization = `Bearer ${this.#key}`;
    if (sent !== null) headers["content-type"] = "application/json";
    let response;
    let body;
    try {
      response = await fetch(tail ? `${path}?${tail}` : path, { method, headers, body: sent === null ? undefined : JSON.stringify(sent), cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      body = await response.json();
    } catch {
      if (response && !response.ok) throw new Failed(response.status, `the host answered ${response.status}`);
      throw new Failed(0, "the host does not answer");
    }
    if (!response.ok) throw new Failed(response.status, body?.detail ?? `the host answered ${response.status}`, body);
    return body;
  }
}
