//! What a question may hold, and what is left of an answer when the record has little room.

use model::{Answer, Asked, LookupAnswer, Question};

use crate::{limits, record};

/// An answer that is too long for what is left of the record: a response was too long, which the contract knows, and an answer
/// rests on fewer passages.
pub(super) fn shortened(mut asked: Asked, most_bytes: usize) -> Asked {
    while record::bytes(&asked) > most_bytes {
        match &mut asked {
            // A value is 4 KiB at most, and recalled anew in each attempt.
            Asked::Memory { .. } => break,
            Asked::Lookup { answer, .. } => {
                let cause = "the response is too long for the decision's record".to_owned();
                *answer = Ok(LookupAnswer::Unreachable { cause });
                break;
            }
            Asked::Knowledge {
                answer: Ok(Answer::Found { citations, .. }),
                ..
            } if citations.len() > 1 => drop(citations.pop()),
            Asked::Knowledge { answer, .. } => {
                *answer = Ok(Answer::NoAnswer);
                break;
            }
        }
    }
    asked
}

/// What is wrong with a question, if it may not be asked so.
pub(super) fn question_fault(question: &Question) -> Option<String> {
    let Question {
        text,
        filters,
        session,
        passages,
        ..
    } = question;
    let too_long = |what: &str, text: &str, most: usize| {
        let count = text.chars().count();
        (count > most).then(|| format!("{what} of {count} characters, and {most} are allowed"))
    };
    if text.trim().is_empty() {
        return Some("a question without words".to_owned());
    }
    if !(1..=limits::PASSAGES).contains(passages) {
        return Some(format!(
            "{passages} passages, and 1 to {} are allowed",
            limits::PASSAGES
        ));
    }
    if filters.len() > limits::FILTERS {
        return Some(format!(
            "{} filters, and {} are allowed",
            filters.len(),
            limits::FILTERS
        ));
    }
    let of_filters = || {
        filters.iter().find_map(|filter| {
            too_long("a filter's key", &filter.key, limits::FILTER_CHARS)
                .or_else(|| too_long("a filter's value", &filter.value, limits::FILTER_CHARS))
        })
    };
    let of_session = || too_long("a session", session.as_deref()?, limits::SESSION_CHARS);
    too_long("a question", text, limits::QUESTION_CHARS)
        .or_else(of_filters)
        .or_else(of_session)
}

#[cfg(test)]
mod tests {
    use model::{Citation, Filter, Language, Lookup, LookupMethod};

    use super::*;

    fn question() -> Question {
        Question {
            base: "faq".to_owned(),
            text: "why?".to_owned(),
            language: Language::new("en").unwrap(),
            filters: Vec::new(),
            session: None,
            passages: 3,
        }
    }

    fn found(text: &str, passages: &[&str]) -> Asked {
        let citation = |passage: &&str| Citation {
            source: "a.md".to_owned(),
            title: None,
            url: None,
            passage: (*passage).to_owned(),
            score: None,
        };
        Asked::Knowledge {
            question: question(),
            answer: Ok(Answer::Found {
                text: text.to_owned(),
                citations: passages.iter().map(citation).collect(),
                session: None,
            }),
            took_ms: 1,
        }
    }

    #[test]
    fn i14_an_answer_rests_on_as_many_passages_as_the_record_has_room_for() {
        let all = found("yes", &["first", "second", "third"]);
        let two = found("yes", &["first", "second"]);
        let one = found("yes", &["first"]);
        for (room, expected) in [
            (record::bytes(&all), &all),
            (record::bytes(&all) - 1, &two),
            (record::bytes(&two), &two),
            (record::bytes(&two) - 1, &one),
        ] {
            assert_eq!(shortened(all.clone(), room), *expected, "{room}");
        }
    }

    #[test]
    fn i14_an_answer_that_has_no_room_even_with_one_passage_is_none() {
        for answer in [
            found("yes", &["first", "second"]),
            found(&"yes ".repeat(999), &[]),
        ] {
            let short = shortened(answer, record::bytes(&found("", &[])));
            let Asked::Knowledge { answer, .. } = &short else {
                panic!("{short:?}");
            };
            assert_eq!(*answer, Ok(Answer::NoAnswer));
        }
    }

    #[test]
    fn i14_a_response_that_has_no_room_is_too_long_and_not_cut_in_two() {
        let response = |answer| Asked::Lookup {
            request: Lookup {
                endpoint: "orders".to_owned(),
                method: LookupMethod::Get,
                path: "orders/1".to_owned(),
                query: Vec::new(),
                body: None,
            },
            answer: Ok(answer),
            took_ms: 1,
        };
        let whole = response(LookupAnswer::Answered {
            status: 200,
            body: "x".repeat(1000),
        });
        let bytes = record::bytes(&whole);
        assert_eq!(shortened(whole.clone(), bytes), whole);
        let too_long = response(LookupAnswer::Unreachable {
            cause: "the response is too long for the decision's record".to_owned(),
        });
        assert_eq!(shortened(whole, bytes - 1), too_long);
        assert!(record::bytes(&too_long) < limits::ROOM_TO_ANSWER);
    }

    #[test]
    fn i14_a_question_holds_so_much_and_no_more() {
        type Change = fn(&mut Question);
        let filter = |key: usize, value: usize| Filter {
            key: "k".repeat(key),
            value: "v".repeat(value),
        };
        assert_eq!(question_fault(&question()), None);
        let full = Question {
            text: "ç".repeat(limits::QUESTION_CHARS),
            filters: vec![filter(limits::FILTER_CHARS, limits::FILTER_CHARS); limits::FILTERS],
            session: Some("s".repeat(limits::SESSION_CHARS)),
            passages: limits::PASSAGES,
            ..question()
        };
        assert_eq!(question_fault(&full), None);
        let faults: [(Change, &str); 8] = [
            (|q| q.text = " \n".to_owned(), "a question without words"),
            (|q| q.text.push('x'), "a question of 1001 characters"),
            (|q| q.passages = 0, "0 passages"),
            (|q| q.passages += 1, "11 passages"),
            (
                |q| q.filters.extend(q.filters.first().cloned()),
                "9 filters",
            ),
            (|q| q.filters[0].key.push('x'), "a filter's key of 201"),
            (|q| q.filters[7].value.push('x'), "a filter's value of 201"),
            (
                |q| q.session.as_mut().unwrap().push('x'),
                "a session of 1025",
            ),
        ];
        for (change, expected) in faults {
            let mut changed = full.clone();
            change(&mut changed);
            let fault = question_fault(&changed).unwrap();
            assert!(fault.starts_with(expected), "{expected}: {fault}");
        }
    }
}
