//! A plugin tried natively, in an ordinary `cargo test`: turns to give it, and a [`Host`] that answers it and writes down
//! what it did.
//!
//! ```
//! use sdk::testing::{Host, turn};
//! # use sdk::{Description, Failure, Known, Outcome, Plugin, Problems, Turn};
//! # struct Echo;
//! # impl Plugin for Echo {
//! #     type Settings = std::collections::BTreeMap<String, String>;
//! #     fn describe() -> Description { Description::new("echo", "1.0.0", "{}") }
//! #     fn check(_: &Self::Settings, _: &Known, _: &mut Problems) {}
//! #     fn handle(turn: &Turn, _: &Self::Settings) -> Result<Outcome, Failure> {
//! #         Ok(sdk::answer(turn.text().unwrap_or_default()))
//! #     }
//! # }
//!
//! let mut host = Host::new();
//! let outcome = host.run::<Echo>(&turn("en", "hello"), "{}");
//! assert_eq!(outcome, Ok(Outcome::Handled));
//! assert_eq!(host.said(), ["hello"]);
//! ```

mod host;
mod record;
mod schema;

pub use host::Host;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use host::imports;
pub use record::Did;
pub use schema::schema_differences;

use crate::{
    Contact, Content, Known, KnownValue, Message, Number, Permission, Tap, TapOrigin, Turn, Value,
};

/// A contact without a name says `text`, in a rule file of Portuguese and English.
#[must_use]
pub fn turn(language: &str, text: &str) -> Turn {
    Turn {
        message: Message {
            id: "wamid.TEST".to_owned(),
            sent_at: 1_795_000_000_000,
            content: Content::Text(text.to_owned()),
            quoting: None,
            forwarded: false,
            ad: None,
        },
        contact: Contact {
            id: "c1".to_owned(),
            name: None,
            phone: Some("5511900000001".to_owned()),
            user_id: None,
            language: None,
            tags: Vec::new(),
            everything: Permission::Unasked,
            marketing: Permission::Unasked,
            first_seen: 1_795_000_000_000,
            last_seen: None,
            window_ends: Some(1_795_086_400_000),
            last_desk: None,
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
        seed: (0..32).collect(),
    }
}

/// As [`turn`], with a tap on a button.
#[must_use]
pub fn tap(language: &str, id: &str, title: &str) -> Turn {
    let mut turn = turn(language, title);
    turn.message.content = Content::Tap(Tap {
        id: id.to_owned(),
        title: title.to_owned(),
        origin: TapOrigin::Button,
    });
    turn
}

/// The turn with one more value for placeholders.
#[must_use]
pub fn with_value(mut turn: Turn, name: &str, text: &str) -> Turn {
    turn.values.retain(|value| value.name != name);
    turn.values.push(Value {
        name: name.to_owned(),
        text: text.to_owned(),
    });
    turn.values.sort_by(|a, b| a.name.cmp(&b.name));
    turn
}

/// The same contact with another message, so much later. The chance is another message's, too.
#[must_use]
pub fn later(turn: Turn, span: std::time::Duration) -> Turn {
    let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Turn {
        now: turn.now.saturating_add(span_ms),
        seed: turn
            .seed
            .iter()
            .map(|byte| byte.wrapping_add(101))
            .collect(),
        ..turn
    }
}

/// What fits [`turn`]: `message.text` is always there, `contact.name` is not; the desks are
/// `support` and `sales`, the hours `shop`, the knowledge base `faq`, the endpoint `orders`.
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
        hours: vec!["shop".to_owned()],
        knowledge: vec!["faq".to_owned()],
        endpoints: vec!["orders".to_owned()],
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
