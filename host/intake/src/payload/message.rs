//! One inbound message: who, when, and what stands around its content.

use model::{Ad, GroupId, Message, Moment, Product, UserId, Wamid};

use super::around::Around;
use super::content;
use super::part::Part;
use super::people::Mention;
use super::stamp::stamp;

/// Reads one message, or says why it cannot be read. Beside it stands its own word on when it was sent.
pub(super) fn read(
    part: Part<'_>,
    around: &Around<'_>,
) -> Result<(Message, Option<Moment>), String> {
    if !part.is_object() {
        return Err("it is no object".to_owned());
    }
    let id = id(part)?;
    let at = stamp(part.at("timestamp"));
    let mention = Mention::new(part.at("from"), part.at("from_user_id"));
    let system = part.at("system");
    let sender = around.people.resolve(mention, around.is_alone);
    let (from, person) = match sender {
        Some(sender) => sender,
        None => (
            content::system::subject(system).ok_or("it names no sender")?,
            None,
        ),
    };
    let is_number = |phone: &str| around.is_number(phone);
    let from_ourselves = part.at("from").label().is_some_and(|from| is_number(&from))
        || from.phone().is_some_and(|phone| is_number(phone.as_str()));
    let context = part.at("context");
    let forwarded_often = context.at("frequently_forwarded").is_true();
    let parent = || UserId::new(part.at("from_parent_user_id").own_words()?).ok();
    let message = Message {
        name: person.and_then(|person| person.name()),
        user_name: person.and_then(|person| person.user_name()),
        parent_user: parent().or_else(|| person?.parent()),
        quoting: wamid(context.at("id")),
        forwarded: forwarded_often || context.at("forwarded").is_true(),
        forwarded_often,
        ad: ad(part.at("referral")),
        product: product(context.at("referred_product")),
        group: group(part.at("group_id")),
        from_ourselves,
        ..Message::new(
            id,
            from.clone(),
            at.unwrap_or(around.received),
            content::read(part, &from),
        )
    };
    Ok((message, at))
}

/// The id that every message has.
pub(super) fn id(part: Part<'_>) -> Result<Wamid, String> {
    let id = part.at("id").own_label().ok_or("it has no id")?;
    Wamid::new(id).map_err(|error| error.to_string())
}

/// The id of a message, if it is one.
pub(super) fn wamid(part: Part<'_>) -> Option<Wamid> {
    Wamid::new(part.own_label()?).ok()
}

pub(super) fn group(part: Part<'_>) -> Option<GroupId> {
    GroupId::new(part.own_label()?).ok()
}

/// The advertisement that led into the chat. Without an id it is told by where it stood.
fn ad(referral: Part<'_>) -> Option<Ad> {
    let url = referral.at("source_url").own_words();
    let click = referral.at("ctwa_clid").own_words();
    let id = referral.at("source_id").own_label();
    if id.is_none() && url.is_none() && click.is_none() {
        return None;
    }
    Some(Ad {
        id: id.unwrap_or_default(),
        url,
        headline: referral.at("headline").own_words(),
        body: referral.at("body").own_words(),
        source: referral.at("source_type").own_words(),
        media: referral.at("media_type").own_words(),
        click,
    })
}

/// The product that a message asks about.
fn product(referred: Part<'_>) -> Option<Product> {
    Some(Product {
        catalog: referred.at("catalog_id").own_label(),
        product: referred.at("product_retailer_id").own_label()?,
    })
}
