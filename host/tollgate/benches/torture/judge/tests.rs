//! The judge is judged: each way to be wrong is found, and nothing else.

use super::super::book::Acked;
use super::*;

/// What is wrong, what was received, and what is held.
type Case<'a> = (&'a str, Vec<Answer>, &'a [(usize, u64)]);

/// Two questions of one contact, a question of another, and a third who asks, stops and asks again.
fn book() -> Book {
    let mut book = Book::new(1, 0);
    let said: [&[Kind]; 3] = [
        &[Kind::Question, Kind::Question],
        &[Kind::Question],
        &[Kind::Question, Kind::Stop, Kind::AfterStop],
    ];
    for kinds in said {
        let contact = book.meet(None);
        for kind in kinds {
            let message = book.say(contact, *kind);
            let at_ms = 1000 + message as u64;
            book.acknowledge(&[message], Acked { at_ms, life: 0 });
        }
    }
    book
}

fn answer(at_ms: u64, contact: usize, text: &str) -> Answer {
    let to = format!("1555010{contact:06}");
    let text = text.to_owned();
    Answer { at_ms, to, text }
}

fn good() -> Vec<Answer> {
    vec![
        answer(1010, 0, "e0 say 0"),
        answer(1011, 1, "e0 say 2"),
        answer(1012, 0, "e1 say 1"),
        answer(1013, 2, "e1 say 3"),
        answer(1500, 2, CONFIRMED),
    ]
}

fn found(answers: &[Answer], held: &[(usize, u64)]) -> Vec<&'static str> {
    let life = |at: u64| Life {
        ready_ms: Some(at + 100),
    };
    let evidence = Evidence {
        book: &book(),
        answers,
        lives: &[life(0), life(1300)],
        editions: &[0, 1012],
        held: &held.iter().copied().collect(),
    };
    judge(&evidence).findings.into_keys().collect()
}

#[test]
fn what_is_as_it_must_be_has_no_finding() {
    assert_eq!(found(&good(), &[]), Vec::<&str>::new());
    let mut without_the_stopped = good();
    without_the_stopped.remove(3);
    assert_eq!(
        found(&without_the_stopped, &[]),
        Vec::<&str>::new(),
        "a stop may take back what had not left"
    );
    let mut without_the_held = good();
    without_the_held.remove(1);
    assert_eq!(found(&without_the_held, &[(2, 2)]), Vec::<&str>::new());
}

#[test]
fn each_way_to_be_wrong_is_found() {
    let with = |more: Answer| {
        let mut answers = good();
        answers.push(more);
        answers
    };
    let without = |place: usize| {
        let mut answers = good();
        answers.remove(place);
        answers
    };
    let swapped = {
        let mut answers = good();
        answers.swap(0, 2);
        answers
    };
    let older_rules = {
        let mut answers = good();
        answers[0].text = "e1 say 0".into();
        answers[0].at_ms = 1012;
        answers[2].text = "e0 say 1".into();
        answers
    };
    let cases: [Case<'_>; 13] = [
        ("lost", without(1), &[]),
        ("lost: a stop without its confirmation", without(4), &[]),
        ("sent twice", with(answer(1600, 1, "e1 say 2")), &[]),
        (
            "sent twice: a confirmation",
            with(answer(1600, 2, CONFIRMED)),
            &[],
        ),
        (
            "a confirmation without a stop",
            with(answer(1600, 1, CONFIRMED)),
            &[],
        ),
        ("out of order", swapped, &[]),
        (
            "answered by older rules than the message before",
            older_rules,
            &[],
        ),
        (
            "answered after a stop",
            with(answer(1100, 2, "e1 say 5")),
            &[],
        ),
        (
            "an answer that no edition gives",
            with(answer(1100, 1, "hello")),
            &[],
        ),
        (
            "somebody else's answer",
            with(answer(1100, 1, "e1 say 5")),
            &[],
        ),
        ("sent to a stranger", with(answer(1100, 7, "e1 say 5")), &[]),
        (
            "held for a person though it was delivered",
            good(),
            &[(2, 2)],
        ),
        (
            "held for a person without a second try",
            without(1),
            &[(2, 1)],
        ),
    ];
    for (expected, answers, held) in cases {
        assert_eq!(found(&answers, held), [expected]);
    }
    let late = {
        let mut answers = without(3);
        answers.push(answer(1450, 2, "e1 say 3"));
        answers
    };
    assert_eq!(
        found(&late, &[]),
        ["sent though a stop had been acknowledged"],
        "in the host's next life nothing is left that was in flight"
    );
    let early = {
        let mut answers = good();
        answers[0].text = "e1 say 0".into();
        answers
    };
    assert_eq!(
        found(&early, &[]),
        ["answered by rules that were not in force"]
    );
}
