//! What a plugin asks, and what it is answered.

use model::{Answer, Entry, Filter, Language, Lookup, LookupAnswer, LookupMethod, Question};

use crate::contract::{knowledge, lookup as endpoint, types};

/// A question, if its language is one.
pub(crate) fn question(question: knowledge::Question) -> Result<Question, String> {
    let filter = |filter: knowledge::Filter| Filter {
        key: filter.key,
        value: filter.value,
    };
    Ok(Question {
        base: question.base,
        text: question.text,
        language: Language::new(question.language).map_err(|error| error.to_string())?,
        filters: question.filters.into_iter().map(filter).collect(),
        session: question.session,
        passages: question.passages,
    })
}

/// The bytes of its strings.
pub(crate) fn question_bytes(question: &knowledge::Question) -> usize {
    let filters = question
        .filters
        .iter()
        .map(|filter| filter.key.len() + filter.value.len());
    question.base.len()
        + question.text.len()
        + question.language.len()
        + filters.sum::<usize>()
        + question.session.as_ref().map_or(0, String::len)
}

/// An answer, with the bytes of its strings.
pub(crate) fn answer(answer: Answer) -> (knowledge::Answer, usize) {
    let (text, citations, session) = match answer {
        Answer::Found {
            text,
            citations,
            session,
        } => (text, citations, session),
        Answer::NoAnswer => return (knowledge::Answer::NoAnswer, 0),
        Answer::Blocked => return (knowledge::Answer::Blocked, 0),
        Answer::Slow => return (knowledge::Answer::Slow, 0),
    };
    let maybe = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let cited = citations.iter().map(|citation| {
        citation.source.len()
            + maybe(&citation.title)
            + maybe(&citation.url)
            + citation.passage.len()
    });
    let bytes = text.len() + cited.sum::<usize>() + maybe(&session);
    let citation = |citation: model::Citation| knowledge::Citation {
        source: citation.source,
        title: citation.title,
        url: citation.url,
        passage: citation.passage,
        score: citation.score,
    };
    let found = knowledge::Found {
        text,
        citations: citations.into_iter().map(citation).collect(),
        session,
    };
    (knowledge::Answer::Found(found), bytes)
}

/// A request to an endpoint.
pub(crate) fn lookup(request: endpoint::Request) -> Lookup {
    Lookup {
        endpoint: request.endpoint,
        method: match request.method {
            endpoint::Method::Get => LookupMethod::Get,
            endpoint::Method::Post => LookupMethod::Post,
        },
        path: request.path,
        query: request
            .query
            .into_iter()
            .map(|parameter| (parameter.name, parameter.value))
            .collect(),
        body: request.body,
    }
}

/// The bytes of its strings.
pub(crate) fn lookup_bytes(request: &endpoint::Request) -> usize {
    let query = request
        .query
        .iter()
        .map(|parameter| parameter.name.len() + parameter.value.len());
    request.endpoint.len()
        + request.path.len()
        + query.sum::<usize>()
        + request.body.as_ref().map_or(0, String::len)
}

/// What an endpoint answered, with the bytes of its strings.
pub(crate) fn looked_up(answer: LookupAnswer) -> (endpoint::Answer, usize) {
    match answer {
        LookupAnswer::Answered { status, body } => {
            let bytes = body.len();
            let response = endpoint::Response { status, body };
            (endpoint::Answer::Answered(response), bytes)
        }
        LookupAnswer::Slow => (endpoint::Answer::Slow, 0),
        LookupAnswer::Unreachable { cause } => {
            let bytes = cause.len();
            (endpoint::Answer::Unreachable(cause), bytes)
        }
    }
}

/// What memory holds.
pub(crate) fn entry(entry: Entry) -> types::Entry {
    types::Entry {
        value: entry.value,
        until: entry.until.0,
    }
}
