//! Whom a call means: a contact by its id, or whoever is known by a phone or user id.

use model::{ContactId, ContactKey, Phone, UserId};

use crate::parameters::{NoPlace, Place};

/// From so many digits on it is a phone, below a contact's id.
const PHONE_DIGITS: usize = 7;

/// What a contact's id looks like, for those who wrote something else.
pub(crate) const A_CONTACT: &str = "a contact's id, such as `7` or `c7`";
/// What names somebody looks like.
pub(crate) const SOMEBODY: &str = "a contact's id, such as `c7`, a phone's digits with the country's, such as `+15550100001`, or a user id, such as `BR.1a2b3c`";

/// A contact, or somebody who may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    Contact(ContactId),
    Known(ContactKey),
}

impl std::str::FromStr for Who {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let are_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
        if are_digits && (digits.len() >= PHONE_DIGITS || digits.len() < text.len()) {
            let phone = Phone::new(digits).map_err(|_| NoPlace)?;
            return Ok(Self::Known(ContactKey::Phone(phone)));
        }
        if text.contains('.') {
            let user = UserId::new(text).map_err(|_| NoPlace)?;
            return Ok(Self::Known(ContactKey::User(user)));
        }
        let ContactText(id) = text.parse()?;
        Ok(Self::Contact(id))
    }
}

/// A contact's id as JSON has it (`7`) or as logs show it (`c7`).
pub(crate) struct ContactText(pub(crate) ContactId);

impl std::str::FromStr for ContactText {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        text.strip_prefix('c')
            .unwrap_or(text)
            .parse()
            .map(|Place(id)| Self(ContactId(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_a_phone_and_a_user_are_told_apart() {
        let phone = |digits| Some(Who::Known(ContactKey::Phone(Phone::new(digits).unwrap())));
        let user = |id| Some(Who::Known(ContactKey::User(UserId::new(id).unwrap())));
        let cases = [
            ("7", Some(Who::Contact(ContactId(7)))),
            ("c7", Some(Who::Contact(ContactId(7)))),
            (
                "c15550100001",
                Some(Who::Contact(ContactId(15_550_100_001))),
            ),
            ("15550100001", phone("15550100001")),
            ("+15550100001", phone("15550100001")),
            ("+911", phone("911")),
            ("BR.1a2b3c", user("BR.1a2b3c")),
            ("", None),
            ("+", None),
            ("c", None),
            ("Ana", None),
            ("+1 555 0100001", None),
            ("user .x", None),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Who>().ok(), expected, "{text}");
        }
    }
}
