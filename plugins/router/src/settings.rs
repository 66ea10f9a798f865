//! What a rule may say of a hand-over.

use std::collections::BTreeMap;

use sdk::{Texts, span_ms};
use serde::Deserialize;

/// The settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Which desk takes over.
    pub(crate) hand_to: Option<String>,
    /// Which desk takes over: the first whose hours are open.
    #[serde(default)]
    pub(crate) desks: Vec<Shift>,
    /// Which desk takes over when an option is tapped, by the option's id.
    #[serde(default)]
    pub(crate) menu: BTreeMap<String, String>,
    /// Back to the desk that last had the contact.
    #[serde(default)]
    pub(crate) sticky: bool,
    /// What the person there should know.
    #[serde(default)]
    pub(crate) note: Texts,
    /// How long the bot keeps silent.
    pub(crate) pause_bot: Option<String>,
    /// The bot may speak again.
    #[serde(default)]
    pub(crate) resume: bool,
    /// Tags to put on.
    #[serde(default)]
    pub(crate) tag: Vec<String>,
    /// Tags to take off.
    #[serde(default)]
    pub(crate) untag: Vec<String>,
}

/// A desk, and when it is there.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Shift {
    pub(crate) desk: String,
    /// Always, if nothing is said.
    pub(crate) hours: Option<String>,
}

impl Settings {
    /// Whether somebody is to take over.
    pub(crate) fn hands_over(&self) -> bool {
        self.hand_to.is_some() || !self.desks.is_empty() || !self.menu.is_empty()
    }

    /// How long the bot keeps silent: at most, where the people at the desk may end it earlier by closing the conversation.
    pub(crate) fn pause_ms(&self) -> Result<Option<u64>, String> {
        let Some(text) = self.pause_bot.as_deref() else {
            return Ok(None);
        };
        let span = match text.trim().strip_prefix("until") {
            None => Some(text),
            Some(rest) => rest
                .split_once(',')
                .filter(|(closed, _)| closed.trim() == "closed")
                .and_then(|(_, most)| most.trim().strip_prefix("max")),
        };
        let span_ms = span.and_then(|span| span_ms(span).ok());
        match span_ms {
            Some(0) => Err("a pause of no length is none".to_owned()),
            Some(span_ms) => Ok(Some(span_ms)),
            None => Err(format!("{text:?} is no span of time")),
        }
    }
}
