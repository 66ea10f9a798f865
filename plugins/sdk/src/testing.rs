//! Turns and knowledge to try a plugin's own functions on, natively.

use crate::{Contact, Content, Known, KnownValue, Message, Number, Permission, Turn, Value};

/// A contact without a name says `text`, in a rule file of Portuguese and English.
#[must_use]
pub fn turn(language: &str, text: &str) -> Turn {
    Turn {
        message: Message {
            id: "wamid.TEST".to_owned(),
            sent_at: 1_795_000_000_000,
            content: Content::Text(text.to_owned()),
            quoting: None,
        },
        contact: Contact {
            id: "c1".to_owned(),
            name: None,
            phone: Some("5511900000001".to_owned()),
            language: None,
            tags: Vec::new(),
            everything: Permission::Unasked,
            marketing: Permission::Unasked,
            first_seen: 1_795_000_000_000,
        },
        number: Number {
            id: "100000000000001".to_owned(),
            name: "shop".to_owned(),
        },
        rule: "a rule".to_owned(),
        language: language.to_owned(),
        languages: vec!["pt".to_owned(), "en".to_owned()],
        now: 1_795_000_000_500,
        values: vec![Value {
            name: "message.text".to_owned(),
            text: text.to_owned(),
        }],
    }
}

/// What fits [`turn`]: `message.text` is always there, `contact.name` is not; the desks are `support` and `sales`.
#[must_use]
pub fn known() -> Known {
    Known {
        values: vec![
            KnownValue {
                name: "contact.name".to_owned(),
                always: false,
            },
            KnownValue {
                name: "message.text".to_owned(),
                always: true,
            },
        ],
        languages: vec!["pt".to_owned(), "en".to_owned()],
        desks: vec!["support".to_owned(), "sales".to_owned()],
    }
}

/// What a plugin's `check` says of these settings, one line a problem: `path: message (help)`.
#[must_use]
pub fn problems<P: crate::Plugin>(settings: &str) -> Vec<String> {
    let (settings, mut problems) = crate::settings::parse::<P::Settings>(settings);
    if let Some(settings) = settings {
        P::check(&settings, &known(), &mut problems);
    }
    let line = |problem: crate::Problem| match problem.help {
        Some(help) => format!("{}: {} ({help})", problem.path, problem.message),
        None => format!("{}: {}", problem.path, problem.message),
    };
    problems.into_list().into_iter().map(line).collect()
}
