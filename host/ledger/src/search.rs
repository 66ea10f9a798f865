//! Which contacts a listing shows: one answer for every implementation.

use model::{Contact, Moment};

use crate::ContactFilter;

impl ContactFilter {
    /// Whether all that it asks for but the text holds for this contact.
    #[must_use]
    pub fn takes(&self, contact: &Contact) -> bool {
        let consent = &contact.consent;
        let is_out =
            contact.stop_pending || consent.everything.is_out() || consent.marketing.is_out();
        let is_paused = |at: Moment| contact.pause.as_ref().is_some_and(|pause| pause.until > at);
        (!self.opted_out || is_out) && self.paused_at.is_none_or(is_paused)
    }
}

/// What is looked for: in names whatever its case, in phones however it is set.
pub struct SearchText {
    folded: String,
    digits: Option<String>,
}

impl SearchText {
    /// Made ready once, to be looked for in many.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let is_of_a_phone = |letter: char| letter.is_ascii_digit() || "+-./() ".contains(letter);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        Self {
            folded: text.trim().to_lowercase(),
            digits: (!digits.is_empty() && text.chars().all(is_of_a_phone)).then_some(digits),
        }
    }

    /// Whether it stands in a contact's name or phone; nothing to look for stands in each.
    #[must_use]
    pub fn stands_in(&self, name: Option<&str>, phone: Option<&str>) -> bool {
        if self.folded.is_empty() {
            return true;
        }
        let (name, phone) = (name.unwrap_or_default(), phone.unwrap_or_default());
        name.to_lowercase().contains(&self.folded)
            || self
                .digits
                .as_ref()
                .is_some_and(|digits| phone.contains(digits.as_str()))
    }
}
