// What the network tells beside messages and statuses, in people's words. It is all kept as it came, so nothing here trusts
// a member to be there, or to be what it should be.

import { masked, words } from "./words.js";

/** What a kept notice says, in a sentence, and how much it matters. */
export function told(notice) {
  if (notice.notice === "unreadable") return { text: `This ${notice.kind} could not be read`, tone: "" };
  if (notice.channel !== "whatsapp") return { text: `Something came in over ${notice.channel}. It is kept; nothing answers there`, tone: "" };
  try {
    const said = (notice.raw?.notice === notice.kind ? unclaimed(notice.raw) : null) ?? of(SENTENCES, notice.kind)?.(value(notice.raw)) ?? null;
    return said === null ? plain(notice) : { tone: "", ...(typeof said === "string" ? { text: said } : said) };
  } catch {
    // Its shape is another than its name promises: what it is called is still true.
    return plain(notice);
  }
}

function plain(notice) {
  return { text: `WhatsApp tells: ${notice.kind.replaceAll("_", " ")}`, tone: "" };
}

/** A change is kept whole and holds what it says under `value`; calls, errors and the like are kept one by one. */
function value(raw) {
  const inner = raw?.value;
  return inner !== null && typeof inner === "object" ? inner : raw ?? {};
}

const SENTENCES = {
  message_template_status_update: (told) => {
    if (!text(told.event)) return null;
    const [what, tone] = of(TEMPLATE, told.event) ?? [`changed: ${low(told.event)}`, ""];
    const why = reason(told.reason) ?? text(told.other_info?.description);
    return { text: `${template(told)} ${what}${why ? `: ${why}` : ""}`, tone };
  },
  message_template_quality_update: (told) => ({
    text: `The quality of ${template(told, "template")} is ${low(told.new_quality_score)} now, it was ${low(told.previous_quality_score)}`,
    tone: of(QUALITY, told.new_quality_score) ?? "",
  }),
  message_template_components_update: (told) => `${template(told)} was edited`,
  template_category_update: (told) => ({
    text: told.new_category
      ? `${template(told)} is charged as ${low(told.new_category)} from now on, before as ${low(told.previous_category)}`
      : `${template(told)} will be charged as ${low(told.correct_category)}`,
    tone: "warn",
  }),
  phone_number_quality_update: (told) => {
    if (!text(told.event)) return null;
    const [what, tone] = of(NUMBER, told.event) ?? [`Something changed about the number: ${low(told.event)}`, ""];
    const limit = told.current_limit ?? told.max_daily_conversations_per_business;
    const from = told.old_limit && told.old_limit !== limit ? `, it was ${tier(told.old_limit)}` : "";
    return { text: `${what}${limit ? `. Its limit is ${tier(limit)}${from}` : ""}`, tone };
  },
  phone_number_name_update: (told) => {
    const isTaken = told.decision === "APPROVED";
    const why = reason(told.rejection_reason);
    return { text: `The display name “${text(told.requested_verified_name) ?? "?"}” was ${low(told.decision)}${why ? `: ${why}` : ""}`, tone: isTaken ? "good" : "warn" };
  },
  business_capability_update: (told) => {
    const limit = told.max_daily_conversations_per_business ?? told.max_daily_conversation_per_phone;
    return limit === undefined ? "What the business may do has changed" : `The business may now reach ${tier(limit)}`;
  },
  account_update: (told) => {
    if (!text(told.event)) return null;
    const [what, tone] = of(BANNED, told.ban_info?.waba_ban_state) ?? of(ACCOUNT, told.event) ?? [`Something happened to the account: ${low(told.event)}`, ""];
    const more = [
      text(told.violation_info?.violation_type),
      ...list(told.restriction_info).map((one) => text(one?.restriction_type)),
    ].filter(Boolean).map(low);
    return { text: more.length > 0 ? `${what}: ${more.join(", ")}` : what, tone };
  },
  account_alerts: (told) => {
    const alert = told.alert_info ?? told;
    const what = text(alert.alert_description) ?? low(alert.alert_type);
    return { text: `WhatsApp warns about the account: ${what}`, tone: alert.alert_severity === "INFORMATIONAL" ? "" : "warn" };
  },
  account_review_update: (told) => ({ text: `The account was reviewed: ${low(told.decision)}`, tone: told.decision === "APPROVED" ? "good" : "warn" }),
  security: (told) => ({ text: `The number's security changed: ${low(told.event)}`, tone: "warn" }),
  calls: call,
  user_id_update: (told) => {
    const user = text(told.user_id?.current);
    return user ? `A contact has a new user id, …${user.slice(-4)}. Their history stays theirs` : null;
  },
  user_preferences: (told) => `${somebody(text(told.wa_id), text(told.user_id))} chose “${low(told.value)}” for ${low(told.category).replaceAll("_", " ")}`,
  errors: (told) => {
    const errors = list(told).map(networkError).filter(Boolean);
    return errors.length === 0 ? null : { text: `WhatsApp reports ${errors.join("; ")}`, tone: "warn" };
  },
  history: () => "From the chats before the number was connected, shared by the WhatsApp Business app",
  smb_app_state_sync: () => "The WhatsApp Business app shares its list of contacts",
  messages: () => "A delivery without a message in it",
  entry: () => "Part of a delivery that says nothing we know",
  body: () => "A delivery that says nothing we know",
};

/** What came in on a number that nobody owns is kept as it was understood. */
function unclaimed(raw) {
  switch (raw.notice) {
    case "message": return `Message from ${masked(raw.from)}: ${words(raw.content)}`;
    case "status": return `A message sent from this number: ${raw.word}${raw.errors?.length ? `, ${raw.errors.map(networkError).join("; ")}` : ""}`;
    case "preference": return `${masked(raw.from)} wants ${raw.wants_marketing ? "marketing messages again" : "no marketing messages"}`;
    case "echo": return `Written to ${masked(raw.to)} from the app: ${words(raw.content)}`;
    default: return null;
  }
}

const TEMPLATE = {
  APPROVED: ["was approved", "good"],
  REINSTATED: ["was reinstated", "good"],
  REJECTED: ["was rejected", "bad"],
  PAUSED: ["is paused", "bad"],
  DISABLED: ["was disabled", "bad"],
  FLAGGED: ["is flagged, and disabled if its quality stays low", "warn"],
  PENDING: ["is being looked at", ""],
  IN_APPEAL: ["is being looked at again", ""],
  PENDING_DELETION: ["is about to be deleted", "warn"],
  DELETED: ["was deleted", "warn"],
  LOCKED: ["is locked", "warn"],
  UNLOCKED: ["is unlocked", "good"],
  ARCHIVED: ["was archived", "warn"],
};

const QUALITY = { GREEN: "good", YELLOW: "warn", RED: "bad" };

const NUMBER = {
  DOWNGRADE: ["The number's limit was lowered", "bad"],
  UPGRADE: ["The number's limit was raised", "good"],
  FLAGGED: ["The number's quality is low: it is flagged", "bad"],
  UNFLAGGED: ["The number is flagged no more", "good"],
  ONBOARDING: ["The number is new", ""],
  THROUGHPUT_UPGRADE: ["The number may send faster from now on", "good"],
};

const BANNED = {
  DISABLE: ["The account was disabled", "bad"],
  SCHEDULE_FOR_DISABLE: ["The account will be disabled", "bad"],
  REINSTATE: ["The account was reinstated", "good"],
};

const ACCOUNT = {
  VERIFIED_ACCOUNT: ["The account was verified", "good"],
  DISABLED_UPDATE: ["Whether the account is disabled has changed", "bad"],
  ACCOUNT_VIOLATION: ["The account broke WhatsApp's rules", "bad"],
  ACCOUNT_RESTRICTION: ["The account is restricted", "bad"],
  ACCOUNT_DELETED: ["The account was deleted", "bad"],
  ACCOUNT_OFFBOARDED: ["The number was taken off the platform", "bad"],
  ACCOUNT_RECONNECTED: ["The number is back on the platform", "good"],
  PARTNER_ADDED: ["A partner was given access to the account", ""],
  PARTNER_REMOVED: ["A partner lost access to the account", "warn"],
  PARTNER_APP_INSTALLED: ["A partner's app was installed", ""],
  PARTNER_APP_UNINSTALLED: ["A partner's app was removed", "warn"],
  BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE: ["The business's country changed", ""],
};

function template(told, article = "Template") {
  const language = text(told.message_template_language);
  return `${article} “${text(told.message_template_name) ?? "?"}”${language ? ` (${language})` : ""}`;
}

function call(told) {
  const isInbound = told.direction !== "BUSINESS_INITIATED";
  const other = isInbound ? somebody(text(told.from), text(told.from_user_id)) : somebody(text(told.to), text(told.to_user_id));
  const step = text(told.event) ?? text(told.status);
  switch (step) {
    case "connect": return isInbound ? `A call from ${other}` : `A call to ${other}`;
    case "terminate": return `The call with ${other} is over`;
    default: return `A call with ${other}${step ? `: ${low(step)}` : ""}`;
  }
}

function somebody(phone, user) {
  return phone || user ? masked({ phone, user }) : "somebody";
}

/** An error of the network's, in its own words. */
export function networkError(error) {
  const title = text(error?.title) ?? text(error?.message);
  const details = text(error?.details) ?? text(error?.error_data?.details);
  const words = [title, details === title ? null : details].filter(Boolean).join(": ");
  return [text(error?.code), words].filter(Boolean).join(" ");
}

function tier(limit) {
  const named = text(limit) ?? "";
  const found = /^TIER_(\d+)(K?)$/.exec(named);
  const number = found ? Number(found[1]) * (found[2] ? 1000 : 1) : Number(named);
  if (named === "TIER_UNLIMITED" || number < 0) return "as many people as it likes";
  return named !== "" && Number.isFinite(number) ? `${number.toLocaleString()} people a day` : low(named);
}

/** What stands under a word that came from outside: `constructor` is none of ours. */
function of(table, word) {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** WhatsApp shouts its words; NONE says nothing. */
function reason(word) {
  return text(word) && word !== "NONE" ? low(word) : null;
}

function low(word) {
  const said = text(word) ?? "unknown";
  return /^[A-Z0-9_]+$/.test(said) ? said.toLowerCase().replaceAll("_", " ") : said;
}

function text(value) {
  return typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;
}

function list(value) {
  return Array.isArray(value) ? value : [];
}
