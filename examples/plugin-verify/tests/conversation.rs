//! Codes sent, typed, mistyped and kept too long.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]

use std::time::Duration;

use plugin_verify::Verify;
use sdk::testing::{Did, Host, later, problems, schema_differences, turn};
use sdk::{Content, Outcome, Refusal, Turn, Unanswered};

const SEND: &str = r#"{"step": "send", "sent": "Code: {code}, {minutes} minutes"}"#;
const CHECK: &str = r#"{"step": "check", "right": "right", "wrong": "wrong, {tries} left", "spent": "spent", "tag": "verified"}"#;

/// One contact's conversation.
struct Chat {
    host: Host,
    turn: Turn,
}

impl Chat {
    fn new() -> Self {
        Self {
            host: Host::new(),
            turn: turn("en", "verify"),
        }
    }

    /// What is answered.
    fn say(&mut self, words: &str) -> String {
        self.turn.message.content = Content::Text(words.to_owned());
        let settings = if words == "verify" { SEND } else { CHECK };
        let outcome = self.host.run::<Verify>(&self.turn, settings);
        assert_eq!(outcome, Ok(Outcome::Handled));
        self.host.said().concat()
    }

    fn wait(&mut self, span: Duration) {
        self.turn = later(self.turn.clone(), span);
    }

    /// Asks for a code and reads it.
    fn code(&mut self) -> String {
        let said = self.say("verify");
        let code = said
            .strip_prefix("Code: ")
            .unwrap()
            .strip_suffix(", 5 minutes")
            .unwrap();
        code.to_owned()
    }

    fn is_tagged(&self) -> bool {
        self.host.did().contains(&Did::Tag("verified".to_owned()))
    }
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    let turned = code.chars().map(|c| if c == '0' { '1' } else { '0' });
    turned.collect()
}

#[test]
fn a_right_code_counts_and_counts_once() {
    let mut chat = Chat::new();
    let code = chat.code();
    assert_eq!(code.len(), 6);
    chat.wait(Duration::from_mins(4));
    assert_eq!(chat.say(&code), "right");
    assert!(chat.is_tagged());
    assert_eq!(chat.say(&code), "spent");
    assert!(!chat.is_tagged());
}

#[test]
fn a_code_may_be_typed_in_halves() {
    let mut chat = Chat::new();
    let code = chat.code();
    let (a, b) = code.split_at(3);
    assert_eq!(chat.say(&format!("{a} {b}")), "right");
}

#[test]
fn the_third_wrong_try_takes_it_away() {
    let mut chat = Chat::new();
    let code = chat.code();
    let wrong = other_than(&code);
    assert_eq!(chat.say(&wrong), "wrong, 2 left");
    assert_eq!(chat.say(&wrong), "wrong, 1 left");
    assert_eq!(chat.say(&wrong), "spent");
    assert_eq!(chat.say(&code), "spent");
    assert!(!chat.is_tagged());
}

#[test]
fn a_right_third_try_is_in_time() {
    let mut chat = Chat::new();
    let code = chat.code();
    chat.say(&other_than(&code));
    chat.say(&other_than(&code));
    assert_eq!(chat.say(&code), "right");
}

#[test]
fn a_code_lasts_five_minutes_and_a_wrong_try_does_not_make_it_last_longer() {
    let mut chat = Chat::new();
    let code = chat.code();
    chat.wait(Duration::from_mins(4));
    chat.say(&other_than(&code));
    chat.wait(Duration::from_secs(59));
    assert_eq!(chat.say(&other_than(&code)), "wrong, 1 left");
    chat.wait(Duration::from_secs(1));
    assert_eq!(chat.say(&code), "spent");
}

#[test]
fn a_new_code_takes_the_place_of_the_old() {
    let mut chat = Chat::new();
    let old = chat.code();
    chat.wait(Duration::from_mins(1));
    let new = chat.code();
    assert_ne!(old, new);
    assert_eq!(chat.say(&old), "wrong, 2 left");
    assert_eq!(chat.say(&new), "right");
}

#[test]
fn a_code_without_one_drawn_is_worth_nothing() {
    let mut chat = Chat::new();
    assert_eq!(chat.say("000000"), "spent");
    assert!(!chat.is_tagged());
}

#[test]
fn the_same_message_draws_the_same_code_again() {
    assert_eq!(Chat::new().code(), Chat::new().code());
}

#[test]
fn a_code_is_not_called_right_if_the_tag_is_refused() {
    let mut chat = Chat::new();
    let code = chat.code();
    chat.turn.message.content = Content::Text(code);
    chat.host = chat.host.refusing(Refusal::Invalid("no".to_owned()));
    let outcome = chat.host.run::<Verify>(&chat.turn, CHECK);
    assert_eq!(outcome, Ok(Outcome::Unanswered(Unanswered::Refused)));
    assert_eq!(chat.host.said(), [""; 0]);
}

#[test]
fn what_is_wrong_is_found_when_the_rule_is_saved() {
    for (settings, expected) in [
        (
            r#"{"step": "send", "sent": "x"}"#,
            "sent: the code is not in it",
        ),
        (r#"{"step": "send"}"#, "sent: there is no text"),
        (
            r#"{"step": "send", "sent": "{code}", "right": "a"}"#,
            "right: this step does not say it",
        ),
        (
            r#"{"step": "check", "right": "{code}", "wrong": "b", "spent": "c"}"#,
            "right: `{code}` is no known placeholder",
        ),
        (
            r#"{"step": "check", "right": "a", "wrong": "b"}"#,
            "spent: there is no text",
        ),
        (
            r#"{"step": "chek"}"#,
            "step: unknown word `chek` (did you mean `check`?)",
        ),
        (
            r#"{"step": "check", "right": "a", "wrong": "b", "spent": "c", "tag": ""}"#,
            "tag: the tag is empty",
        ),
    ] {
        let found = problems::<Verify>(settings);
        assert_eq!(found.len(), 1, "{settings}: {found:?}");
        assert!(found[0].starts_with(expected), "{settings}: {found:?}");
    }
}

#[test]
fn a_message_without_a_code_is_left_to_other_rules() {
    let mut host = Host::new();
    let outcome = host.run::<Verify>(&turn("en", "never mind"), CHECK);
    assert_eq!(outcome, Ok(Outcome::Passed));
}

#[test]
fn the_schema_and_the_type_are_in_step() {
    for settings in [SEND, CHECK] {
        assert_eq!(problems::<Verify>(settings), [""; 0]);
    }
    assert_eq!(schema_differences::<Verify>(&[SEND, CHECK]), [""; 0]);
}
