//! Meta's payloads: one body becomes the notices in it.
//!
//! The body is parsed once, into a tree that borrows from its text. Every list and member may be missing, null, empty or of any
//! type; unknown fields are ignored and unknown kinds kept raw. A part that cannot be read becomes a notice of its own with the
//! cause, and its neighbours go on.

mod around;
mod content;
mod echo;
mod errors;
mod lenient;
mod message;
mod part;
mod people;
mod preference;
mod stamp;
mod status;
mod tree;
mod update;
mod value;
mod wording;

use model::{Channel, Detail, Moment, NoticeBody, NoticeKey, NumberId, Update};

use crate::limits;
pub(crate) use lenient::{with_bytes, with_text};
pub(crate) use part::Part;

/// One notice as parsed: whose number it came in on is known, whose tenant that is not yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// Over which network it came.
    pub channel: Channel,
    /// The business number, if the payload named one.
    pub number: Option<NumberId>,
    /// By what a second copy is known.
    pub key: NoticeKey,
    /// When it happened, by the sender's clock; nothing if the payload does not say.
    pub at: Option<Moment>,
    /// What it is.
    pub body: NoticeBody,
}

impl Parsed {
    /// What people see of a body that cannot be read as a whole. A second copy has the same key, and adds nothing (I2).
    pub(crate) fn unreadable_body(body: String, cause: String) -> Self {
        Self {
            channel: Channel::WhatsApp,
            number: None,
            key: around::digest_of(&body),
            at: None,
            body: NoticeBody::Unreadable(model::Unreadable {
                what: "body".to_owned(),
                cause,
                raw: serde_json::Value::String(body),
            }),
        }
    }
}

/// Why a whole body could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON object.
    #[error("the body is no JSON object: {0}")]
    NotAnObject(String),
    /// It holds more than it ever should.
    #[error("the body holds more than {} updates", limits::NOTICES_PER_BODY)]
    TooMany,
    /// It is nested deeper than anything real.
    #[error("the body is nested too deep")]
    TooDeep,
}

/// Takes a body apart that came in at `received`: Meta's whole envelope, or an entry, a change or a value by itself.
pub fn parse(body: &[u8], received: Moment) -> Result<Vec<Parsed>, Unreadable> {
    let mut found = Found::new(received);
    with_bytes(body, |part| read(part, &mut found))?;
    Ok(found.notices)
}

/// What was found so far.
pub(crate) struct Found {
    /// When the body came in.
    pub(crate) received: Moment,
    /// The number that what names none is for.
    pub(crate) number: Option<NumberId>,
    pub(crate) notices: Vec<Parsed>,
}

impl Found {
    pub(crate) fn new(received: Moment) -> Self {
        Self {
            received,
            number: None,
            // Nearly every body holds one, and they are large.
            notices: Vec::with_capacity(1),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.notices.len()
    }

    fn push(&mut self, parsed: Parsed) -> Result<(), Unreadable> {
        if self.len() >= limits::NOTICES_PER_BODY {
            return Err(Unreadable::TooMany);
        }
        self.notices.push(parsed);
        Ok(())
    }

    /// One more part that cannot be read, for this cause.
    pub(crate) fn push_unreadable(
        &mut self,
        what: &str,
        cause: &str,
        part: Part<'_>,
    ) -> Result<(), Unreadable> {
        self.push(
            self.outside(Part::ABSENT)
                .unreadable(what, cause.to_owned(), part),
        )
    }

    /// Forgets what came after the first so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.notices.truncate(len);
    }

    /// A part that stands by itself, outside any value, in an entry of this time.
    fn outside<'a>(&self, time: Part<'a>) -> around::Around<'a> {
        around::Around {
            received: self.received,
            number: self.number.clone(),
            dialled: None,
            people: people::People::read(Part::ABSENT),
            is_alone: false,
            time,
        }
    }
}

/// What is said of a value outside it.
struct Outside<'a> {
    field: Option<&'a str>,
    /// As it stands in the entry.
    time: Part<'a>,
}

/// Nothing is.
const NOTHING: Outside<'static> = Outside {
    field: None,
    time: Part::ABSENT,
};

/// Reads whatever of Meta's this is.
pub(crate) fn read(body: Part<'_>, found: &mut Found) -> Result<(), Unreadable> {
    if !body.is_object() {
        return Err(Unreadable::NotAnObject(
            "it is JSON, but no object".to_owned(),
        ));
    }
    let object = body.at("object").words().map(str::trim);
    if let Some(object) = object.filter(|object| !object.starts_with("whatsapp")) {
        return another_product(object, body, found);
    }
    let has = |names: &[&str]| names.iter().any(|name| !body.at(name).is_absent());
    let is_envelope = has(&["entry"]);
    if is_envelope {
        envelope(body.at("entry"), found)?;
    }
    // Beside the entries, or in their place, may stand what belongs into them.
    let has_changes = match has(&["object", "entry"]) {
        true => value::says_anything(body.at("changes")),
        false => has(&["changes"]),
    };
    let says_nothing = |(name, value): (&str, Part<'_>)| match name {
        // Whatever is wrapped so, it is Meta's, and empty.
        "object" => value.text().is_some() || value.is_absent(),
        "changes" => !has_changes,
        _ => value.is_absent(),
    };
    let has_value = || has(&["messaging_product", "metadata"]) || has(&value::LISTS);
    match () {
        () if has_changes => entry(body, found),
        () if has(&["value"]) => change(body, &NOTHING, found),
        () if value::has_lists(body) || !is_envelope && has_value() => {
            let outside = Outside {
                field: body.at("field").words(),
                ..NOTHING
            };
            value::read(body, body, &outside, found)
        }
        () if is_envelope => Ok(()),
        () if has(&["field"]) => change(body, &NOTHING, found),
        () if body.members().all(says_nothing) => Ok(()),
        () => found.push(
            found
                .outside(Part::ABSENT)
                .update("body", Detail::Other, body, None),
        ),
    }
}

/// Another of Meta's products on the same webhook: kept, and answered 200.
fn another_product(object: &str, body: Part<'_>, found: &mut Found) -> Result<(), Unreadable> {
    let name = wording::kind(object);
    let raw = body.keep();
    found.push(Parsed {
        channel: Channel::Other(name.as_ref().into()),
        number: None,
        key: around::digest(&raw),
        at: None,
        body: NoticeBody::Update(Update {
            name: name.into_owned(),
            detail: Detail::Other,
            raw,
        }),
    })
}

fn envelope(entries: Part<'_>, found: &mut Found) -> Result<(), Unreadable> {
    if !entries.is_list() && !entries.is_object() {
        return found.push_unreadable("entry", "it is no list", entries);
    }
    entries.elements().try_for_each(|part| entry(part, found))
}

fn entry(part: Part<'_>, found: &mut Found) -> Result<(), Unreadable> {
    if !part.is_object() {
        return found.push_unreadable("entry", NO_OBJECT, part);
    }
    let outside = Outside {
        field: part.at("field").words(),
        time: part.at("time"),
    };
    let changes = part.at("changes");
    let says_more = |(name, value): (&str, Part<'_>)| match name {
        "id" | "time" => false,
        "changes" => value::says_anything(value),
        _ => !value.is_absent(),
    };
    let has_lists = value::has_lists(part);
    let is_bare = has_lists && !value::says_anything(changes);
    if changes.count() == 0 && !is_bare && part.members().any(says_more) {
        let at = stamp::stamp(outside.time);
        return found.push(
            found
                .outside(Part::ABSENT)
                .update("entry", Detail::Other, part, at),
        );
    }
    changes
        .elements()
        .try_for_each(|part| change(part, &outside, found))?;
    match has_lists {
        true => value::read(part, part, &outside, found),
        false => Ok(()),
    }
}

fn change<'a>(part: Part<'a>, entry: &Outside<'a>, found: &mut Found) -> Result<(), Unreadable> {
    if !part.is_object() {
        let around = found.outside(entry.time);
        return found.push(around.unreadable("change", NO_OBJECT.to_owned(), part));
    }
    let outside = Outside {
        field: part.at("field").words().map(str::trim).or(entry.field),
        time: entry.time,
    };
    let value = part.at("value");
    let has_lists = value::has_lists(part);
    if !(has_lists && value.is_absent()) {
        value::read(value, part, &outside, found)?;
    }
    match has_lists {
        true => value::read(part, part, &outside, found),
        false => Ok(()),
    }
}

const NO_OBJECT: &str = "it is no object";

#[cfg(test)]
mod tests;
