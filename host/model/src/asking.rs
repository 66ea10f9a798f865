//! What a plugin asks through the host, and what it is told: recorded, so that a run repeats (I9).

use serde::{Deserialize, Serialize};

use crate::{Language, Moment, Refusal};

/// A question in a contact's words, to one of the tenant's knowledge bases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which knowledge base, by the operator's name for it.
    pub base: String,
    /// The words.
    pub text: String,
    /// The language of the answer.
    pub language: Language,
    /// Only documents that bear all of these.
    pub filters: Vec<Filter>,
    /// The conversation that it goes on with, as an earlier answer named it.
    pub session: Option<String>,
    /// The most passages to rest the answer on.
    pub passages: u8,
}

/// A mark that a document must bear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// An answer with what it rests on.
    Found {
        /// The words.
        text: String,
        /// What it rests on, best first; empty if the knowledge base names none.
        citations: Vec<Citation>,
        /// The conversation, to go on with.
        session: Option<String>,
    },
    /// Nothing is known.
    NoAnswer,
    /// A guardrail stepped in.
    Blocked,
    /// It took too long, or too many asked at once.
    Slow,
}

/// One thing that an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The document, as the knowledge base names it.
    pub source: String,
    /// What people call it.
    pub title: Option<String>,
    /// Where a contact can read it: `https://…`.
    pub url: Option<String>,
    /// The passage.
    pub passage: String,
    /// How well it fits, in thousandths.
    pub score: Option<u16>,
}

/// A request to an endpoint that the operator named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// Which endpoint, by the operator's name for it.
    pub endpoint: String,
    /// What is done with it.
    pub method: LookupMethod,
    /// Below the endpoint's address: `orders/4711`.
    pub path: String,
    /// The query, name and value.
    pub query: Vec<(String, String)>,
    /// JSON, for a `post`.
    pub body: Option<String>,
}

/// What a lookup does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupMethod {
    /// It reads.
    Get,
    /// It hands something over.
    Post,
}

/// What came of a lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lookup", rename_all = "snake_case")]
pub enum LookupAnswer {
    /// The endpoint answered, if only to say no.
    Answered {
        /// HTTP's word for how it went.
        status: u16,
        /// What it said.
        body: String,
    },
    /// It took too long, or too many asked at once.
    Slow,
    /// It could not be reached, or what came back could not be read.
    Unreachable {
        /// Why.
        cause: String,
    },
}

/// Something asked during a run, with its answer: what running it again is given instead of asking again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "asked", rename_all = "snake_case")]
pub enum Asked {
    /// A knowledge base.
    Knowledge {
        /// What was asked.
        question: Question,
        /// What was answered.
        answer: Result<Answer, Refusal>,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// An endpoint.
    Lookup {
        /// What was asked.
        request: Lookup,
        /// What was answered.
        answer: Result<LookupAnswer, Refusal>,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// What it keeps itself. A further attempt looks again: the contact or another turn may have changed it.
    Memory {
        /// Whose memory.
        scope: MemoryScope,
        /// The key.
        key: String,
        /// What stood there, with what the same decision wrote before; nothing if nothing did.
        answer: Result<Option<Entry>, Refusal>,
    },
}

/// Whose memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryScope {
    /// What a plugin keeps of one contact.
    Contact,
    /// What a plugin keeps for all contacts of a tenant.
    Shared,
}

/// What memory holds under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The value.
    pub value: String,
    /// When it is forgotten.
    pub until: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recalled_is_read_as_it_was_written() {
        let recalled = |answer| Asked::Memory {
            scope: MemoryScope::Contact,
            key: "n".to_owned(),
            answer,
        };
        let entry = Entry {
            value: "1".to_owned(),
            until: Moment(5),
        };
        for (asked, written) in [
            (
                recalled(Ok(Some(entry))),
                r#"{"asked":"memory","scope":"contact","key":"n","answer":{"Ok":{"value":"1","until":5}}}"#,
            ),
            (
                recalled(Ok(None)),
                r#"{"asked":"memory","scope":"contact","key":"n","answer":{"Ok":null}}"#,
            ),
            (
                recalled(Err(Refusal::OptedOut)),
                r#"{"asked":"memory","scope":"contact","key":"n","answer":{"Err":{"refusal":"opted-out"}}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&asked).unwrap(), written);
            assert_eq!(serde_json::from_str::<Asked>(written).unwrap(), asked);
        }
    }
}
