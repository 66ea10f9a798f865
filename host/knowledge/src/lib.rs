//! Knowledge: a question becomes an answer with its sources, or the reason why there is none.
//!
//! Owns: the [`Knowledge`] trait. The folder of documents and the knowledge host call come with the kb-answer plugin;
//! Bedrock's implementation lives in `aws`.
//! Promises: a model's refusal is never an answer.
#![forbid(unsafe_code)]

use async_trait::async_trait;
use model::{Language, TenantId};

/// Answers questions from what a tenant wrote down.
#[async_trait]
pub trait Knowledge: Send + Sync + 'static {
    /// Answers one question.
    async fn ask(&self, question: &Question) -> Answer;
}

/// A question in a contact's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Whose knowledge is asked.
    pub tenant: TenantId,
    /// The words.
    pub text: String,
    /// The language of the answer.
    pub language: Language,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An answer with what it rests on.
    Found {
        /// The words.
        text: String,
        /// The sources, best first; never empty.
        citations: Vec<Citation>,
    },
    /// Nothing is known.
    NoAnswer,
    /// A guardrail stepped in.
    Blocked,
    /// It took too long.
    Slow,
}

/// One source of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The document's name or address.
    pub source: String,
    /// The passage.
    pub passage: String,
}
