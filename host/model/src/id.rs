//! Identifiers. Each is parsed once, where it comes in, and cannot be wrong afterwards.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// Why a text is not the identifier it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    what: &'static str,
    reason: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {}: {}", self.what, self.reason)
    }
}

impl std::error::Error for InvalidId {}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Parses the identifier, or says why it is none.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let check: fn(&str) -> Result<(), &'static str> = $check;
                match check(&text) {
                    Ok(()) => Ok(Self(text.into_boxed_str())),
                    Err(reason) => Err(InvalidId { what: $what, reason }),
                }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// One business. Lower-case letters, digits, `-` and `_`; a leading `_` is reserved for the host.
    TenantId, "tenant", |text| word(text, limits::TENANT_CHARS)
);
text_id!(
    /// A business phone number, by Meta's `phone_number_id`.
    NumberId, "number id", |text| printable(text, limits::NUMBER_ID_CHARS)
);
text_id!(
    /// A message's id on WhatsApp's side, opaque.
    Wamid, "message id", |text| label(text, limits::WAMID_CHARS)
);
text_id!(
    /// A business-scoped user id (`CC.…`), opaque.
    UserId, "user id", |text| printable(text, limits::USER_ID_CHARS)
);
text_id!(
    /// A group's id on WhatsApp's side, opaque.
    GroupId, "group id", |text| printable(text, limits::GROUP_ID_CHARS)
);
text_id!(
    /// Ties a send to its statuses: it travels in `biz_opaque_callback_data`. Others who send from the same number put there what
    /// they like.
    SendToken, "send token", |text| {
        if text.is_empty() || text.chars().count() > limits::TOKEN_CHARS { Err("it is empty or too long") } else { Ok(()) }
    }
);
text_id!(
    /// A rule's name, as its file gives it.
    RuleName, "rule name", |text| label(text, limits::NAME_CHARS)
);
text_id!(
    /// A plugin's name, as `tollgate.toml` gives it.
    PluginName, "plugin name", |text| word(text, limits::NAME_CHARS)
);
text_id!(
    /// A desk's name: where conversations are handed to people.
    DeskName, "desk name", |text| word(text, limits::NAME_CHARS)
);
text_id!(
    /// A phone number: digits without `+`, exactly as WhatsApp gave it, never repaired.
    Phone, "phone number", |text| {
        if text.is_empty() || text.len() > limits::PHONE_DIGITS {
            Err("it has 1 to 20 digits")
        } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(())
        } else {
            Err("it consists of digits alone")
        }
    }
);
text_id!(
    /// A language code: two or three lower-case letters, with a region if need be (`pt`, `pt_BR`).
    Language, "language code", |text| {
        let (language, region) = text.split_once('_').map_or((text, None), |(l, r)| (l, Some(r)));
        let language_fits = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        let region_fits = region.is_none_or(|r| r.len() == 2 && r.bytes().all(|b| b.is_ascii_uppercase()));
        if language_fits && region_fits { Ok(()) } else { Err("it looks like `pt` or `pt_BR`") }
    }
);

impl Phone {
    /// The last four digits, for logs and pages (I12).
    #[must_use]
    pub fn masked(&self) -> String {
        let digits = self.as_str();
        let tail = digits
            .get(digits.len().saturating_sub(4)..)
            .unwrap_or(digits);
        format!("…{tail}")
    }
}

impl Wamid {
    /// Its end, for logs: Meta's ids hold the contact's number, encoded, in what comes before (I12).
    #[must_use]
    pub fn masked(&self) -> String {
        let text = self.as_str();
        format!(
            "…{}",
            text.get(text.len().saturating_sub(12)..)
                .unwrap_or_default()
        )
    }
}

/// A contact as one tenant knows them: opaque and permanent. Phones and user ids are aliases of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(pub u64);

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

fn word(text: &str, most: usize) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > most {
        return Err("it is empty or too long");
    }
    let fits = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
    };
    if text.bytes().all(fits) {
        Ok(())
    } else {
        Err("it consists of a-z, 0-9, `-` and `_`")
    }
}

fn printable(text: &str, most: usize) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > most {
        return Err("it is empty or too long");
    }
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err("it has a blank or a character outside ASCII")
    }
}

fn label(text: &str, most: usize) -> Result<(), &'static str> {
    if text.trim().is_empty() || text.chars().count() > most {
        return Err("it is empty or too long");
    }
    if text.chars().any(char::is_control) {
        Err("it has a control character")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_where_they_come_in() {
        assert!(TenantId::new("shop").is_ok());
        assert!(TenantId::new("Shop").is_err());
        assert!(Phone::new("5511900000001").is_ok());
        assert!(Phone::new("+5511900000001").is_err());
        assert!(Wamid::new("wamid.as whoever sends it likes…").is_ok());
        assert!(Wamid::new("wamid.over\ntwo lines").is_err());
        assert!(Language::new("pt_BR").is_ok());
        assert!(Language::new("PT").is_err());
        assert!(serde_json::from_str::<TenantId>("\"a b\"").is_err());
    }

    #[test]
    fn i12_a_phone_is_shown_by_its_last_four_digits() {
        assert_eq!(Phone::new("5511900000001").unwrap().masked(), "…0001");
        assert_eq!(Phone::new("12").unwrap().masked(), "…12");
        assert_eq!(
            Wamid::new("wamid.HBgNNTUxMTkwMDAwMDAwMRUC0123456789AB")
                .unwrap()
                .masked(),
            "…0123456789AB"
        );
    }
}
