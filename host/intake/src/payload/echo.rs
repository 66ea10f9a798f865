//! What our own side wrote elsewhere.

use model::{Echo, Moment};

use super::around::Around;
use super::part::Part;
use super::people::Mention;
use super::stamp::stamp;
use super::{content, message};

/// Whether what stands among the messages is our own side's: it names whom it went to, and the number itself as its sender.
pub(super) fn is_one(part: Part<'_>, around: &Around<'_>) -> bool {
    let to = [part.at("to"), part.at("to_user_id")];
    let from = || part.at("from").label();
    to.iter().any(|to| !to.is_absent()) && from().is_some_and(|from| around.is_number(&from))
}

/// Reads one echo, or says why it cannot be read. Beside it stands its own word on when it was sent.
pub(super) fn read(part: Part<'_>, around: &Around<'_>) -> Result<(Echo, Option<Moment>), String> {
    if !part.is_object() {
        return Err("it is no object".to_owned());
    }
    let id = message::id(part)?;
    let at = stamp(part.at("timestamp"));
    let mention = Mention::new(part.at("to"), part.at("to_user_id"));
    let (to, _) = around
        .people
        .resolve(mention, around.is_alone)
        .ok_or("it does not say to whom")?;
    let content = content::read(part, &to);
    let at_or_now = at.unwrap_or(around.received);
    Ok((
        Echo {
            id,
            to,
            at: at_or_now,
            content,
        },
        at,
    ))
}
