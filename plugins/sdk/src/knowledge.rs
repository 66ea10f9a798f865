//! Questions to the knowledge bases of the business. Grant: `knowledge`; the operator may name the bases.
//!
//! ```no_run
//! use sdk::knowledge::{Answer, ask, question};
//!
//! # fn example(turn: &sdk::Turn) -> Result<(), sdk::Refusal> {
//! let words = turn.text().unwrap_or_default();
//! match ask(&question("faq", words, &turn.language).filter("product", "bicycle"))? {
//!     Answer::Found(found) => sdk::reply(found.text)?,
//!     Answer::NoAnswer | Answer::Blocked | Answer::Slow => {}
//! }
//! # Ok(())
//! # }
//! ```

use crate::{Refusal, host, limits};

pub use crate::bindings::tollgate::plugin::knowledge::{Answer, Citation, Filter, Found, Question};

/// Asks, and waits: at most 15 seconds. The host shows the contact that somebody is typing.
pub fn ask(question: &Question) -> Result<Answer, Refusal> {
    host::knowledge::ask(question)
}

/// A question to a knowledge base, to be answered in this language. Words past the longest question are cut off.
#[must_use]
pub fn question(base: &str, words: &str, language: &str) -> Question {
    Question {
        base: base.to_owned(),
        text: words.trim().chars().take(limits::QUESTION_CHARS).collect(),
        language: language.to_owned(),
        filters: Vec::new(),
        session: None,
        passages: 5,
    }
}

impl Question {
    /// Asks only documents that bear this mark; all of them, if there are several.
    #[must_use]
    pub fn filter(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.filters.push(Filter {
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// Goes on with a conversation, as an earlier answer named it.
    #[must_use]
    pub fn session(mut self, session: Option<String>) -> Self {
        self.session = session;
        self
    }

    /// Rests the answer on at most so many passages, one to ten; five if not said.
    #[must_use]
    pub fn passages(mut self, most: u8) -> Self {
        self.passages = most;
        self
    }
}
