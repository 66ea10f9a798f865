//! Notices for people: a line with what, when and who, and beneath it what it says.
//!
//! Whatever others wrote is tamed, so that no terminal obeys it.

use intake::payload::Parsed;
use model::{
    Call, Channel, ContactKey, Content, Conversation, Detail, Echo, Message, NetworkError,
    NoticeBody, Pricing, Status, Update,
};
use serde_json::Value;

use super::limits;
use crate::shown;
use crate::style::Style;

/// Every notice, in the order of the body.
pub(super) fn all(notices: &[Parsed], style: &Style) -> String {
    let kinds: Vec<String> = notices
        .iter()
        .map(|parsed| shown::tame(parsed.body.kind()))
        .collect();
    let columns = Columns {
        word: widest(notices.iter().map(|parsed| parsed.body.word())),
        kind: widest(kinds.iter().map(String::as_str)),
    };
    notices
        .iter()
        .zip(&kinds)
        .map(|(parsed, kind)| paragraph(parsed, kind, &columns, style))
        .collect()
}

struct Columns {
    word: usize,
    kind: usize,
}

/// A kind beyond this is told whole and its line stands out, rather than push all others to the right.
const WIDEST: usize = 24;

fn widest<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts
        .map(|text| text.chars().count())
        .filter(|width| *width <= WIDEST)
        .max()
        .unwrap_or_default()
}

fn paragraph(parsed: &Parsed, kind: &str, columns: &Columns, style: &Style) -> String {
    let word = format!("{:<width$}", parsed.body.word(), width = columns.word);
    let word = match &parsed.body {
        NoticeBody::Unreadable(_) => style.bad(&word),
        _ => style.strong(&word),
    };
    let at = parsed.at.and_then(shown::moment);
    let at = format!("{:<20}", at.as_deref().unwrap_or("-"));
    let mut text = format!(
        "{word}  {kind:<width$}  {}  {}",
        style.faint(&at),
        people(parsed),
        width = columns.kind
    );
    text.truncate(text.trim_end().len());
    text.push('\n');
    for line in said(&parsed.body, style) {
        text.push_str("    ");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Who wrote to whom.
fn people(parsed: &Parsed) -> String {
    let number = parsed
        .number
        .as_ref()
        .map(|number| shown::tame(number.as_str()));
    let mut parts = Vec::new();
    if let Channel::Other(name) = &parsed.channel {
        parts.push(format!("over {}", shown::tame(name)));
    }
    let (contact, is_from) = match &parsed.body {
        NoticeBody::Message(message) => (Some(sender(message)), true),
        NoticeBody::Status(status) => (status.to.as_ref().map(known), false),
        NoticeBody::Preference(preference) => (Some(known(&preference.from)), true),
        NoticeBody::Echo(echo) => (Some(known(&echo.to)), false),
        NoticeBody::Update(update) => match &update.detail {
            Detail::Call(call) => (Some(known(&call.with)), call.is_inbound),
            Detail::NewUserId { was, .. } => (Some(known(was)), true),
            _ => (None, true),
        },
        NoticeBody::Unreadable(_) => (None, true),
    };
    let (of_contact, of_number) = match (contact.is_some(), is_from) {
        (true, true) => ("from", "to number"),
        (true, false) => ("to", "from number"),
        (false, _) => ("", "number"),
    };
    parts.extend(contact.map(|contact| format!("{of_contact} {contact}")));
    parts.extend(number.map(|number| format!("{of_number} {number}")));
    parts.join(" ")
}

/// Phone and name, as a person would be called.
fn sender(message: &Message) -> String {
    let user_name = message.user_name.as_deref().map(|name| format!("@{name}"));
    let names: Vec<String> = message
        .name
        .iter()
        .chain(&user_name)
        .map(|name| shown::tame(name))
        .collect();
    let key = known(&message.from);
    match names.is_empty() {
        true => key,
        false => format!("{key} ({})", names.join(", ")),
    }
}

/// A contact's phone and user id, whole: it is the reader's own file.
fn known(key: &ContactKey) -> String {
    match key {
        ContactKey::Phone(phone) => shown::tame(phone.as_str()),
        ContactKey::User(user) => shown::tame(user.as_str()),
        ContactKey::Both(phone, user) => {
            format!(
                "{} / {}",
                shown::tame(phone.as_str()),
                shown::tame(user.as_str())
            )
        }
    }
}

/// What a notice says, a line each.
fn said(body: &NoticeBody, style: &Style) -> Vec<String> {
    match body {
        NoticeBody::Message(message) => message_lines(message, style),
        NoticeBody::Status(status) => status_lines(status, style),
        NoticeBody::Preference(preference) => vec![match preference.wants_marketing {
            true => "wants marketing messages again".to_owned(),
            false => "wants no marketing messages".to_owned(),
        }],
        NoticeBody::Echo(Echo { id, content, .. }) => {
            let id = style.faint(&shown::tame(id.as_str()));
            vec![
                format!("a person of yours wrote {}", shown::content(content)),
                id,
            ]
        }
        NoticeBody::Update(update) => update_lines(update, style),
        NoticeBody::Unreadable(unreadable) => vec![
            style.bad(&shown::tame(&unreadable.cause)),
            style.faint(&raw(&unreadable.raw)),
        ],
    }
}

fn message_lines(message: &Message, style: &Style) -> Vec<String> {
    let mut lines = vec![shown::message(message)];
    match &message.content {
        Content::System(told) => lines.extend(
            told.now_known_by
                .as_ref()
                .map(|key| format!("known by {} from now on", known(key))),
        ),
        Content::Other { raw: whole, .. } => lines.push(style.faint(&raw(whole))),
        _ => {}
    }
    if !message.is_for_us() {
        lines.push("kept aside: no rule looks at it".to_owned());
    }
    lines.extend(
        message
            .group
            .as_ref()
            .map(|group| format!("group {}", shown::tame(group.as_str()))),
    );
    lines.push(style.faint(&shown::tame(message.id.as_str())));
    lines
}

fn status_lines(status: &Status, style: &Style) -> Vec<String> {
    let mut lines: Vec<String> = status.errors.iter().map(|one| error(one, style)).collect();
    lines.extend(status.pricing.as_ref().and_then(charged));
    lines.extend(status.conversation.as_ref().and_then(conversation));
    lines.extend(
        status
            .group
            .as_ref()
            .map(|group| format!("group {}", shown::tame(group.as_str()))),
    );
    lines.extend(
        status
            .token
            .as_ref()
            .map(|token| format!("token {}", shown::tame(token.as_str()))),
    );
    lines.push(style.faint(&shown::tame(status.wamid.as_str())));
    lines
}

fn error(error: &NetworkError, style: &Style) -> String {
    style.bad(&shown::network_error(error))
}

fn charged(pricing: &Pricing) -> Option<String> {
    let billable = match pricing.billable {
        Some(true) => Some("billable"),
        Some(false) => Some("not billable"),
        None => None,
    };
    let parts: Vec<String> = [&pricing.category, &pricing.kind, &pricing.model]
        .into_iter()
        .flatten()
        .map(|part| shown::tame(part))
        .chain(billable.map(str::to_owned))
        .collect();
    (!parts.is_empty()).then(|| format!("charged as {}", parts.join(", ")))
}

fn conversation(conversation: &Conversation) -> Option<String> {
    let id = conversation.id.as_deref().map(shown::tame)?;
    let origin = conversation
        .origin
        .as_deref()
        .map_or_else(String::new, |origin| {
            format!(", begun by {}", shown::tame(origin))
        });
    let end = conversation
        .expires_at
        .and_then(shown::moment)
        .map_or_else(String::new, |end| format!(", until {end}"));
    Some(format!("conversation {id}{origin}{end}"))
}

fn update_lines(update: &Update, style: &Style) -> Vec<String> {
    let tame = shown::tame;
    let aside = |text: &Option<String>| {
        text.as_deref()
            .map_or_else(String::new, |text| format!(" ({})", tame(text)))
    };
    match &update.detail {
        Detail::Template {
            name,
            language,
            event,
            reason,
        } => {
            let reason = reason
                .as_deref()
                .map_or_else(String::new, |reason| format!(": {}", tame(reason)));
            vec![format!(
                "template {}{} {}{reason}",
                tame(name),
                aside(language),
                tame(event)
            )]
        }
        Detail::Quality { event, limit } => vec![format!("{}{}", tame(event), aside(limit))],
        Detail::Account { event } => vec![tame(event)],
        Detail::Call(Call {
            id,
            is_inbound,
            event,
            ..
        }) => {
            let way = match is_inbound {
                true => "the contact calls",
                false => "the business calls",
            };
            vec![format!("{way}: {}", tame(event)), style.faint(&tame(id))]
        }
        Detail::NewUserId { is, .. } => {
            vec![format!("known by {} from now on", tame(is.as_str()))]
        }
        Detail::Errors { errors } => errors.iter().map(|one| error(one, style)).collect(),
        Detail::Other => vec![format!(
            "kept as it came {}",
            style.faint(&raw(&update.raw))
        )],
    }
}

/// The beginning of it: `--format json` has it whole.
fn raw(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    shown::shortened(&shown::tame(&text), limits::RAW_CHARS)
}
