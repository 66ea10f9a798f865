//! What stands around the parts of one value: the number, the people, the time it came in.

use std::borrow::Cow;

use model::{Channel, Moment, NoticeBody, NoticeKey, NumberId, Update};
use sha2::{Digest, Sha256};

use super::Parsed;
use super::part::Part;
use super::people::People;
use super::wording;

/// What stands around the parts of one value.
pub(super) struct Around<'a> {
    pub(super) received: Moment,
    pub(super) number: Option<NumberId>,
    /// The number as people dial it.
    pub(super) dialled: Option<Cow<'a, str>>,
    pub(super) people: People<'a>,
    /// There is one message, status or echo in the value, and no other.
    pub(super) is_alone: bool,
}

impl Around<'_> {
    /// Whether the number itself is meant, however it is written.
    pub(super) fn is_number(&self, phone: &str) -> bool {
        let own = self.number.as_ref().map(NumberId::as_str);
        own == Some(phone)
            || self
                .dialled
                .as_deref()
                .is_some_and(|own| digits(own).eq(digits(phone)) && digits(own).next().is_some())
    }

    pub(super) fn parsed(&self, key: NoticeKey, at: Option<Moment>, body: NoticeBody) -> Parsed {
        Parsed {
            channel: Channel::WhatsApp,
            number: self.number.clone(),
            key,
            at,
            body,
        }
    }

    /// A notice that is kept as it came, whatever else is made of it.
    pub(super) fn kept(
        &self,
        part: Part<'_>,
        at: Option<Moment>,
        body: impl FnOnce(serde_json::Value) -> NoticeBody,
    ) -> Parsed {
        let raw = part.keep();
        self.parsed(digest(&raw), at, body(raw))
    }

    pub(super) fn update(
        &self,
        name: &str,
        detail: model::Detail,
        part: Part<'_>,
        at: Option<Moment>,
    ) -> Parsed {
        let name = wording::kind(name).into_owned();
        self.kept(part, at, |raw| {
            NoticeBody::Update(Update { name, detail, raw })
        })
    }

    pub(super) fn unreadable(&self, what: &str, cause: String, part: Part<'_>) -> Parsed {
        let what = what.to_owned();
        self.kept(part, None, |raw| {
            NoticeBody::Unreadable(model::Unreadable { what, cause, raw })
        })
    }
}

/// Content is known by its digest, in whatever order its members stand: a `serde_json` object is sorted by name.
pub(super) fn digest(raw: &serde_json::Value) -> NoticeKey {
    NoticeKey::digest(&hex::encode(Sha256::digest(raw.to_string())))
}

fn digits(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_digit)
}
