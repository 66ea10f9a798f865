//! What a rule says of it.

use sdk::{Known, KnownValue, Problems, Texts, check_among, limits};
use serde::Deserialize;

use crate::order::VALUES;

/// The settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// The shop, by the operator's name for it.
    pub(crate) endpoint: String,
    /// What is said of an order; `{order.status}` and its like are filled in.
    pub(crate) found: Texts,
    /// What is asked when the message names none.
    #[serde(default)]
    pub(crate) ask: Texts,
    /// What opens the menu of orders; without it, the question is asked in words alone.
    #[serde(default)]
    pub(crate) label: Texts,
    /// What is said when the contact has no order with that number; without it, the turn ends with no answer.
    #[serde(default)]
    pub(crate) not_found: Texts,
    /// What is said when the shop does not answer; without it, the turn ends as slow.
    #[serde(default)]
    pub(crate) down: Texts,
    /// A message without a number is left to other rules: for the second step.
    #[serde(default)]
    pub(crate) needs_number: bool,
}

impl Settings {
    pub(crate) fn check(&self, known: &Known, problems: &mut Problems) {
        let endpoints = known.endpoints.iter().map(String::as_str);
        check_among(&self.endpoint, endpoints, "endpoint", "endpoint", problems);

        let mut with_order = known.clone();
        with_order
            .values
            .extend(VALUES.map(|(name, always)| KnownValue {
                name: name.to_owned(),
                always,
            }));
        let what = "text for an order that was found";
        self.found
            .check_needed("found", what, limits::TEXT, &with_order, problems);
        if self.needs_number {
            self.ask
                .check_all("ask", limits::MENU_BODY, known, problems);
        } else {
            let what = "question for a message without a number";
            self.ask
                .check_needed("ask", what, limits::MENU_BODY, known, problems);
        }
        self.label
            .check_all("label", limits::MENU_LABEL, known, problems);
        self.not_found
            .check_all("not_found", limits::TEXT, known, problems);
        self.down.check_all("down", limits::TEXT, known, problems);
    }
}
