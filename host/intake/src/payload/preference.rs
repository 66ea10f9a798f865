//! What a contact chose in WhatsApp's own settings: marketing messages, or none.

use model::{Moment, Preference};

use super::around::Around;
use super::part::Part;
use super::people::Mention;
use super::stamp::stamp;

/// Reads one, or says why it cannot be read. Nothing if it is about something that we have no word for.
pub(super) fn read(
    part: Part<'_>,
    around: &Around<'_>,
) -> Result<Option<(Preference, Option<Moment>)>, String> {
    if !part.is_object() {
        return Err("it is no object".to_owned());
    }
    let is_marketing = part
        .at("category")
        .words()
        .is_none_or(|category| category == "marketing_messages");
    let Some(wants_marketing) = choice(part.at("value")).filter(|_| is_marketing) else {
        return Ok(None);
    };
    let mention = Mention::new(part.at("wa_id"), part.at("user_id"));
    preference(mention, wants_marketing, part, around).map(Some)
}

/// The same as older versions tell it: among the messages, by the system.
pub(super) fn in_chat(part: Part<'_>, around: &Around<'_>) -> Option<(Preference, Option<Moment>)> {
    let system = part.at("system");
    if system.at("type").words() != Some("user_preference_changed") {
        return None;
    }
    let wants_marketing = choice(system.at("marketing"))?;
    let mention = Mention::new(part.at("from"), part.at("from_user_id"));
    preference(mention, wants_marketing, part, around).ok()
}

fn preference<'a>(
    who: Mention<'a>,
    wants_marketing: bool,
    part: Part<'a>,
    around: &Around<'a>,
) -> Result<(Preference, Option<Moment>), String> {
    let (from, _) = around
        .people
        .resolve(who, around.is_alone)
        .ok_or("it does not say whose it is")?;
    let stamp = stamp(part.at("timestamp"));
    let at = stamp.unwrap_or(around.received);
    Ok((
        Preference {
            from,
            wants_marketing,
            at,
        },
        stamp,
    ))
}

fn choice(part: Part<'_>) -> Option<bool> {
    match part.words()?.trim() {
        word if word.eq_ignore_ascii_case("stop") => Some(false),
        // Whoever signs up, by a link say, asks for them.
        word if ["resume", "signup"]
            .iter()
            .any(|yes| word.eq_ignore_ascii_case(yes)) =>
        {
            Some(true)
        }
        _ => None,
    }
}
