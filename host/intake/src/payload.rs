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

    fn len(&self) -> usize {
        self.notices.len()
    }

    fn push(&mut self, parsed: Parsed) -> Result<(), Unreadable> {
        if self.len() >= limits::NOTICES_PER_BODY {
            return Err(Unreadable::TooMany);
        }
        self.notices.push(parsed);
        Ok(())
    }

    /// A part that stands by itself, outside any value.
    fn outside(&self) -> around::Around<'static> {
        around::Around {
            received: self.received,
            number: self.number.clone(),
            dialled: None,
            people: people::People::read(Part::ABSENT),
            is_alone: false,
        }
    }
}

/// What is said of a value outside it.
#[derive(Default)]
struct Outside<'a> {
    field: Option<&'a str>,
    time: Option<Moment>,
}

/// Reads whatever of Meta's this is.
pub(crate) fn read(body: Part<'_>, found: &mut Found) -> Result<(), Unreadable> {
    if !body.is_object() {
        return Err(Unreadable::NotAnObject(
            "it is JSON, but no object".to_owned(),
        ));
    }
    let has = |names: &[&str]| names.iter().any(|name| !body.at(name).is_absent());
    match () {
        () if has(&["object", "entry"]) => envelope(body, found),
        () if has(&["changes"]) => entry(body, found),
        () if has(&["value"]) => change(body, &Outside::default(), found),
        () if has(&["messaging_product", "metadata"]) || has(&value::LISTS) => {
            let outside = Outside {
                field: body.at("field").words(),
                time: None,
            };
            value::read(body, body, &outside, found)
        }
        () if has(&["field"]) => change(body, &Outside::default(), found),
        () if body.members().all(|(_, value)| value.is_absent()) => Ok(()),
        () => found.push(found.outside().update("body", Detail::Other, body, None)),
    }
}

fn envelope(body: Part<'_>, found: &mut Found) -> Result<(), Unreadable> {
    let object = body.at("object").words().map(str::trim);
    let other = object.filter(|object| !object.starts_with("whatsapp"));
    if let Some(object) = other {
        // Another of Meta's products on the same webhook: kept, and answered 200.
        let name = wording::kind(object);
        let raw = body.keep();
        return found.push(Parsed {
            channel: Channel::Other(name.as_ref().into()),
            number: None,
            key: around::digest(&raw),
            at: None,
            body: NoticeBody::Update(Update {
                name: name.into_owned(),
                detail: Detail::Other,
                raw,
            }),
        });
    }
    body.at("entry")
        .elements()
        .try_for_each(|part| entry(part, found))
}

fn entry(part: Part<'_>, found: &mut Found) -> Result<(), Unreadable> {
    if !part.is_object() {
        return found.push(
            found
                .outside()
                .unreadable("entry", NO_OBJECT.to_owned(), part),
        );
    }
    let outside = Outside {
        field: part.at("field").words(),
        time: stamp::stamp(part.at("time")),
    };
    let changes = part.at("changes");
    let says_more = |(name, value): (&str, Part<'_>)| match name {
        "id" | "time" => false,
        "changes" => !value.is_absent() && !value.is_list(),
        _ => !value.is_absent(),
    };
    if changes.count() == 0 && part.members().any(says_more) {
        return found.push(
            found
                .outside()
                .update("entry", Detail::Other, part, outside.time),
        );
    }
    changes
        .elements()
        .try_for_each(|part| change(part, &outside, found))
}

fn change<'a>(part: Part<'a>, entry: &Outside<'a>, found: &mut Found) -> Result<(), Unreadable> {
    if !part.is_object() {
        return found.push(
            found
                .outside()
                .unreadable("change", NO_OBJECT.to_owned(), part),
        );
    }
    let outside = Outside {
        field: part.at("field").words().map(str::trim).or(entry.field),
        time: entry.time,
    };
    value::read(part.at("value"), part, &outside, found)
}

const NO_OBJECT: &str = "it is no object";

#[cfg(test)]
mod tests;
