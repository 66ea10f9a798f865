//! Between the nouns of the model and those of the contract.

use model::{
    Content, Known, NumberId, Outgoing, Permission, Phone, Quota, Recipient, Refusal, TapOrigin,
    Turn,
};
use model::{Outcome, Problem, Unanswered, ValuePresence};

use crate::contract::types as wit;

/// A turn, with the bytes of its strings. Raw content longer than `string_bytes` stays behind.
pub(crate) fn turn(turn: &Turn, string_bytes: usize) -> (wit::Turn, usize) {
    let contact = &turn.contact;
    let turn = wit::Turn {
        message: wit::Message {
            id: turn.message.id.to_string(),
            sent_at: turn.message.sent_at.0,
            content: content(&turn.message.content, string_bytes),
            quoting: turn.message.quoting.as_ref().map(ToString::to_string),
        },
        contact: wit::Contact {
            id: contact.id.to_string(),
            name: contact.name.clone(),
            phone: contact.key.phone().map(ToString::to_string),
            language: contact.language.as_ref().map(ToString::to_string),
            tags: contact.tags.iter().cloned().collect(),
            everything: permission(contact.consent.everything),
            marketing: permission(contact.consent.marketing),
            first_seen: contact.first_seen.0,
        },
        number: wit::Number {
            id: turn.number.to_string(),
            name: turn.number_name.clone(),
        },
        rule: turn.rule.to_string(),
        language: turn.language.to_string(),
        languages: turn.languages.iter().map(ToString::to_string).collect(),
        now: turn.now.0,
        values: turn
            .values
            .iter()
            .map(|(name, text)| wit::Value {
                name: name.clone(),
                text: text.clone(),
            })
            .collect(),
    };
    let bytes = turn_bytes(&turn);
    (turn, bytes)
}

fn turn_bytes(turn: &wit::Turn) -> usize {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let content = match &turn.message.content {
        wit::Content::Text(body) => body.len(),
        wit::Content::Tap(tap) => tap.id.len() + tap.title.len(),
        wit::Content::Media(media) => {
            media.kind.len() + optional(&media.id) + optional(&media.caption)
        }
        wit::Content::Other(other) => other.name.len() + optional(&other.raw),
    };
    let contact = &turn.contact;
    let names = [
        &turn.message.id,
        &contact.id,
        &turn.number.id,
        &turn.number.name,
        &turn.rule,
        &turn.language,
    ];
    let options = [
        &turn.message.quoting,
        &contact.name,
        &contact.phone,
        &contact.language,
    ];
    content
        + names.iter().map(|text| text.len()).sum::<usize>()
        + options.into_iter().map(optional).sum::<usize>()
        + contact
            .tags
            .iter()
            .chain(&turn.languages)
            .map(String::len)
            .sum::<usize>()
        + turn
            .values
            .iter()
            .map(|value| value.name.len() + value.text.len())
            .sum::<usize>()
}

fn content(content: &Content, string_bytes: usize) -> wit::Content {
    match content {
        Content::Text { body } => wit::Content::Text(body.clone()),
        Content::Tap { id, title, origin } => wit::Content::Tap(wit::Tap {
            id: id.clone(),
            title: title.clone(),
            origin: match origin {
                TapOrigin::Button => wit::TapOrigin::Button,
                TapOrigin::Menu => wit::TapOrigin::Menu,
                TapOrigin::Template => wit::TapOrigin::Template,
            },
        }),
        Content::Media { media, id, caption } => wit::Content::Media(wit::Media {
            kind: media.clone(),
            id: id.clone(),
            caption: caption.clone(),
        }),
        Content::Other { name, raw } => {
            let raw = Some(raw.to_string()).filter(|raw| raw.len() <= string_bytes);
            wit::Content::Other(wit::OtherContent {
                name: name.clone(),
                raw,
            })
        }
    }
}

fn permission(permission: Permission) -> wit::Permission {
    match permission {
        Permission::Unasked => wit::Permission::Unasked,
        Permission::In(since) => wit::Permission::OptedIn(since.0),
        Permission::Out(since) => wit::Permission::OptedOut(since.0),
    }
}

/// What settings may refer to.
pub(crate) fn known(known: &Known) -> wit::Known {
    let value = |(name, presence): (&String, &ValuePresence)| wit::KnownValue {
        name: name.clone(),
        always: *presence == ValuePresence::Always,
    };
    wit::Known {
        values: known.values.iter().map(value).collect(),
        languages: known.languages.iter().map(ToString::to_string).collect(),
        desks: known.desks.clone(),
    }
}

/// A refusal as the plugin sees it.
pub(crate) fn refusal(refusal: &Refusal) -> wit::Refusal {
    match refusal {
        Refusal::NotGranted { what } => wit::Refusal::NotGranted(what.clone()),
        Refusal::NotAllowlisted => wit::Refusal::NotAllowlisted,
        Refusal::Stopped => wit::Refusal::Stopped,
        Refusal::Invalid { what } => wit::Refusal::Invalid(what.clone()),
        Refusal::OptedOut => wit::Refusal::OptedOut,
        Refusal::NotOptedIn => wit::Refusal::NotOptedIn,
        Refusal::Paused { until } => wit::Refusal::Paused(until.0),
        Refusal::WindowClosed {
            template_would_pass,
        } => wit::Refusal::WindowClosed(*template_would_pass),
        Refusal::LoopSuspected => wit::Refusal::LoopSuspected,
        Refusal::QuotaExceeded { which } => wit::Refusal::QuotaExceeded(match which {
            Quota::Run => wit::Quota::Run,
            Quota::Decision => wit::Quota::Decision,
            Quota::ContactHour => wit::Quota::ContactHour,
        }),
        Refusal::RateLimited { retry_at } => wit::Refusal::RateLimited(retry_at.0),
    }
}

/// A recipient, if its phone is one.
pub(crate) fn recipient(to: wit::Recipient) -> Result<Recipient, String> {
    match to {
        wit::Recipient::Contact => Ok(Recipient::Contact),
        wit::Recipient::Phone(phone) => Phone::new(phone)
            .map(Recipient::Phone)
            .map_err(|error| error.to_string()),
    }
}

/// A sending number, if it is one.
pub(crate) fn number(from: Option<String>) -> Result<Option<NumberId>, String> {
    from.map(NumberId::new)
        .transpose()
        .map_err(|error| error.to_string())
}

/// A message to send.
pub(crate) fn outgoing(message: wit::Outgoing) -> Outgoing {
    match message {
        wit::Outgoing::Text(body) => Outgoing::Text { body },
        wit::Outgoing::Buttons(wit::TextWithButtons { body, buttons }) => {
            let button = |wit::Button { id, title }| model::Button { id, title };
            Outgoing::Buttons {
                body,
                buttons: buttons.into_iter().map(button).collect(),
            }
        }
    }
}

/// The bytes of its strings.
pub(crate) fn outgoing_bytes(message: &wit::Outgoing) -> usize {
    match message {
        wit::Outgoing::Text(body) => body.len(),
        wit::Outgoing::Buttons(message) => {
            let buttons = message
                .buttons
                .iter()
                .map(|button| button.id.len() + button.title.len());
            message.body.len() + buttons.sum::<usize>()
        }
    }
}

/// How a plugin ended.
pub(crate) fn outcome(outcome: wit::Outcome) -> Outcome {
    match outcome {
        wit::Outcome::Handled => Outcome::Handled,
        wit::Outcome::Passed => Outcome::Passed,
        wit::Outcome::Unanswered(why) => Outcome::Unanswered(match why {
            wit::Unanswered::NoAnswer => Unanswered::NoAnswer,
            wit::Unanswered::Blocked => Unanswered::Blocked,
            wit::Unanswered::Slow => Unanswered::Slow,
            wit::Unanswered::Refused => Unanswered::Refused,
        }),
    }
}

/// A problem with settings.
pub(crate) fn problem(problem: wit::Problem) -> Problem {
    Problem {
        path: problem.path,
        message: problem.message,
        help: problem.help,
    }
}
