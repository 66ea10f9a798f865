//! Words for the people who look after a plugin; they are kept with the decision. Needs no grant.

use crate::host;

pub use crate::bindings::tollgate::plugin::log::Level;

/// Adds a line.
pub fn line(level: Level, text: &str) {
    host::log::line(level, text);
}

/// For the plugin's author.
pub fn debug(text: &str) {
    line(Level::Debug, text);
}

/// Worth knowing.
pub fn info(text: &str) {
    line(Level::Info, text);
}

/// Something is off.
pub fn warn(text: &str) {
    line(Level::Warn, text);
}

/// Something went wrong.
pub fn error(text: &str) {
    line(Level::Error, text);
}

/// What a plugin says before it traps; it becomes the cause of the failure. A panic's message goes here by itself.
pub fn last_words(text: &str) {
    host::log::last_words(text);
}
