//! SNS's envelope: what is in it, and the text that its signature stands under.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use model::Moment;
use serde::Deserialize;

use crate::answer::Answer;
use crate::limits;

/// An envelope, as it came: nothing in it is believed yet.
pub(super) struct Letter {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) topic_arn: String,
    pub(super) message: String,
    pub(super) sent_at: Moment,
    pub(super) token: Option<String>,
    pub(super) subscribe_url: Option<String>,
    subject: Option<String>,
    timestamp: String,
    seal: Unread,
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Notification,
    SubscriptionConfirmation,
    UnsubscribeConfirmation,
}

/// The signature, as far as it can be one.
pub(super) struct Seal<'a> {
    pub(super) version: Version,
    pub(super) signature: Vec<u8>,
    pub(super) certificate: &'a str,
}

/// How it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// SHA-1 with RSA.
    One,
    /// SHA-256 with RSA.
    Two,
}

struct Unread {
    version: Option<String>,
    signature: Option<String>,
    certificate: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Members {
    r#type: String,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    subject: Option<String>,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    signature_version: Option<String>,
    signature: Option<String>,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: Option<String>,
}

impl Members {
    /// Everything but the message is one short line. A line break would let one member pass for the next two: the signed text names
    /// members and values on lines of their own, and nothing else tells them apart.
    fn are_lines(&self) -> bool {
        let always = [
            &self.r#type,
            &self.message_id,
            &self.topic_arn,
            &self.timestamp,
        ];
        let perhaps = [
            &self.subject,
            &self.token,
            &self.subscribe_url,
            &self.signature_version,
            &self.signature,
            &self.signing_cert_url,
        ];
        let mut all = always.into_iter().chain(perhaps.into_iter().flatten());
        all.all(|text| {
            text.len() <= limits::SNS_MEMBER_CHARS && !text.chars().any(char::is_control)
        })
    }
}

impl Letter {
    /// Reads an envelope; none if it is not one.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let members: Members = serde_json::from_slice(body).ok()?;
        let kind = Kind::parse(&members.r#type)?;
        let id_fits = (1..=limits::SNS_ID_CHARS).contains(&members.message_id.len());
        let confirms = kind == Kind::Notification
            || (members.token.is_some() && members.subscribe_url.is_some());
        if !id_fits || !confirms || !members.are_lines() {
            return None;
        }
        let sent_at: Timestamp = members.timestamp.parse().ok()?;
        Some(Self {
            kind,
            id: members.message_id,
            topic_arn: members.topic_arn,
            message: members.message,
            sent_at: Moment(sent_at.as_millisecond()),
            token: members.token,
            subscribe_url: members.subscribe_url,
            subject: members.subject,
            timestamp: members.timestamp,
            seal: Unread {
                version: members.signature_version,
                signature: members.signature,
                certificate: members.signing_cert_url,
            },
        })
    }

    /// The signature, before it is known whether it holds.
    pub(super) fn seal(&self) -> Result<Seal<'_>, Answer> {
        let version = match self.seal.version.as_deref() {
            Some("1") => Version::One,
            Some("2") => Version::Two,
            _ => return Err(Answer::WrongVersion),
        };
        let signature = self.seal.signature.as_deref().unwrap_or_default();
        Ok(Seal {
            version,
            signature: STANDARD.decode(signature).map_err(|_| Answer::Forged)?,
            certificate: self.seal.certificate.as_deref().unwrap_or_default(),
        })
    }

    /// The text that is signed.
    pub(super) fn signed_text(&self) -> String {
        let members: &[(&str, Option<&str>)] = match self.kind {
            Kind::Notification => &[
                ("Message", Some(&self.message)),
                ("MessageId", Some(&self.id)),
                ("Subject", self.subject.as_deref()),
                ("Timestamp", Some(&self.timestamp)),
                ("TopicArn", Some(&self.topic_arn)),
                ("Type", Some(self.kind.word())),
            ],
            Kind::SubscriptionConfirmation | Kind::UnsubscribeConfirmation => &[
                ("Message", Some(&self.message)),
                ("MessageId", Some(&self.id)),
                ("SubscribeURL", self.subscribe_url.as_deref()),
                ("Timestamp", Some(&self.timestamp)),
                ("Token", self.token.as_deref()),
                ("TopicArn", Some(&self.topic_arn)),
                ("Type", Some(self.kind.word())),
            ],
        };
        let mut text = String::with_capacity(self.message.len() + 1024);
        for (name, value) in members {
            if let Some(value) = value {
                text.push_str(name);
                text.push('\n');
                text.push_str(value);
                text.push('\n');
            }
        }
        text
    }
}

impl Kind {
    fn parse(word: &str) -> Option<Self> {
        [
            Self::Notification,
            Self::SubscriptionConfirmation,
            Self::UnsubscribeConfirmation,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }

    /// SNS's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::SubscriptionConfirmation => "SubscriptionConfirmation",
            Self::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const FIXTURE: &str = include_str!("../../tests/fixtures/sns/subscription-v2.json");

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            Just(json!(["Notification"])),
            Just(json!("2")),
            Just(json!("2026-12-01T12:00:00.000Z")),
            Just(json!("Notification")),
        ]
    }

    proptest! {
        #[test]
        fn whatever_comes_is_an_envelope_or_is_none(bytes in any::<Vec<u8>>()) {
            prop_assert!(Letter::parse(&bytes).is_none());
        }

        #[test]
        fn an_envelope_of_strange_members_does_no_harm(
            members in prop::collection::vec((0..12_usize, any_value()), 0..4)
        ) {
            let mut envelope: serde_json::Map<String, Value> = serde_json::from_str(FIXTURE).unwrap();
            let names: Vec<String> = envelope.keys().cloned().collect();
            for (index, value) in members {
                envelope.insert(names[index % names.len()].clone(), value);
            }
            let text = Value::Object(envelope).to_string();
            if let Some(letter) = Letter::parse(text.as_bytes()) {
                let lines = letter.signed_text().matches('\n').count() - letter.message.matches('\n').count();
                prop_assert!((8..=14).contains(&lines), "a name or a value on each");
                let _ = letter.seal();
            }
        }
    }
}
