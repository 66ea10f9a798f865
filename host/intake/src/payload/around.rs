//! What stands around the parts of one value: the number, the people, the time it came in.

use std::borrow::Cow;

use model::{Channel, Moment, NoticeBody, NoticeKey, NumberId, Update};
use sha2::{Digest, Sha256};

use super::Parsed;
use super::part::Part;
use super::people::People;
use super::stamp::stamp;
use super::wording;

/// No time is longer. It would be digested with every part of the entry.
const TIME_BYTES: usize = 64;

/// What stands around the parts of one value.
pub(super) struct Around<'a> {
    pub(super) received: Moment,
    pub(super) number: Option<NumberId>,
    /// The number as people dial it: its digits.
    pub(super) dialled: Option<Cow<'a, str>>,
    pub(super) people: People<'a>,
    /// There is one message, status or echo in the value, and no other.
    pub(super) is_alone: bool,
    /// The entry's time, as it stands there.
    pub(super) time: Part<'a>,
}

impl Around<'_> {
    /// Whether the number itself is meant, however it is written.
    pub(super) fn is_number(&self, phone: &str) -> bool {
        let own = self.number.as_ref().map(NumberId::as_str);
        let is_dialled = |own: &str| own.bytes().eq(digits(phone));
        own == Some(phone)
            || self.dialled.as_deref().is_some_and(is_dialled)
                // An id may have the same digits.
                && !phone.contains(char::is_alphabetic)
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
        self.parsed(self.digest(part, &raw), at, body(raw))
    }

    /// A part is known by its content; what bears no time of its own by its entry's too: a contact may choose the same again.
    pub(super) fn digest(&self, part: Part<'_>, raw: &serde_json::Value) -> NoticeKey {
        let times = [part, part.at("value")].map(|part| stamp(part.at("timestamp")));
        let time = self.time.label().filter(|time| time.len() <= TIME_BYTES);
        match time.filter(|_| times.iter().all(Option::is_none)) {
            // No JSON has such a byte in it.
            Some(time) => digest_of(&format!("{raw}\0{time}")),
            None => digest(raw),
        }
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
        let (what, raw) = (what.to_owned(), part.keep());
        // The same nonsense in two places is two.
        let content = serde_json::Value::from_iter([what.clone().into(), raw.clone()]);
        let key = self.digest(part, &content);
        let unreadable = model::Unreadable { what, cause, raw };
        self.parsed(key, None, NoticeBody::Unreadable(unreadable))
    }
}

/// Content is known by its digest, in whatever order its members stand: a `serde_json` object is sorted by name.
pub(super) fn digest(raw: &serde_json::Value) -> NoticeKey {
    digest_of(&raw.to_string())
}

pub(super) fn digest_of(text: &str) -> NoticeKey {
    NoticeKey::digest(&hex::encode(Sha256::digest(text)))
}

/// The digits of a number as it is shown, if there are any: taken once, for however many messages.
pub(super) fn dialled(shown: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let dialled = match shown.bytes().all(|byte| byte.is_ascii_digit()) {
        true => shown,
        false => Cow::Owned(shown.chars().filter(char::is_ascii_digit).collect()),
    };
    Some(dialled).filter(|dialled| !dialled.is_empty())
}

fn digits(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_digit)
}
